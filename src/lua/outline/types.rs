//! Luau's types: stepped over without recursion, since they mean nothing at run time.

use super::lexer::{Kind, Word};
use super::reader::{Attributes, Reader};

impl Reader<'_> {
    /// Steps over `: T`, if it is here.
    pub(super) fn annotation(&mut self) -> Option<()> {
        if self.is_luau() && self.accept(b':')? {
            self.type_()?;
        }
        Some(())
    }

    /// Steps over a type, or a list of types in parentheses.
    pub(super) fn type_(&mut self) -> Option<()> {
        loop {
            while self.is(b'|') || self.is(b'&') || self.token.kind == Kind::Dots {
                self.bump()?;
            }
            let is_function = self.simple_type()?;
            while self.is(b'?') || self.token.kind == Kind::Dots {
                self.bump()?;
            }
            if is_function && self.token.kind == Kind::Arrow {
                self.bump()?;
            } else if !self.is(b'|') && !self.is(b'&') {
                return Some(());
            }
        }
    }

    /// Steps over a type without operators; whether `->` may follow.
    fn simple_type(&mut self) -> Option<bool> {
        match self.token.kind {
            Kind::Word(Word::Nil | Word::True | Word::False) | Kind::Text => {
                self.bump()?;
                Some(false)
            }
            Kind::Name => {
                let is_typeof = self.bytes(self.token) == b"typeof";
                self.bump()?;
                if is_typeof && self.is(b'(') {
                    self.brackets()?;
                    return Some(false);
                }
                if self.accept(b'.')? {
                    self.expect_name()?;
                }
                if self.is(b'<') {
                    self.angles()?;
                }
                Some(false)
            }
            Kind::Byte(b'{') => self.brackets().map(|()| false),
            Kind::Byte(b'<') => {
                self.angles()?;
                self.brackets().map(|()| true)
            }
            Kind::Byte(b'(') => self.brackets().map(|()| true),
            _ => None,
        }
    }

    /// Steps over a bracket and all up to the one that closes it.
    pub(super) fn brackets(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.token.kind {
                Kind::Byte(b'(' | b'{' | b'[') => depth += 1,
                Kind::Byte(b')' | b'}' | b']') => depth = depth.checked_sub(1)?,
                Kind::Eof => return None,
                _ if depth == 0 => return None,
                _ => {}
            }
            self.bump()?;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Steps over `<…>`, as after the name of a generic type.
    pub(super) fn angles(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.token.kind {
                Kind::Byte(b'(' | b'{' | b'[') => {
                    self.brackets()?;
                    continue;
                }
                Kind::Byte(b'<') => depth += 1,
                Kind::Byte(b'>') => depth = depth.checked_sub(1)?,
                Kind::Eof => return None,
                _ => {}
            }
            self.bump()?;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Steps over attributes such as `@native` and `@[deprecated]`, if they are here.
    pub(super) fn attributes(&mut self) -> Option<Option<Attributes>> {
        let start = self.token;
        if !self.is(b'@') {
            return Some(None);
        }
        while self.accept(b'@')? {
            if self.is(b'[') {
                self.brackets()?;
            } else {
                self.expect_name()?;
            }
        }
        let end = self.last_end;
        Some(Some(Attributes { start, end }))
    }
}
