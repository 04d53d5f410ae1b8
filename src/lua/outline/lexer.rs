//! Tokens of Luau, Lua 5.4 and LuaJIT: one lexer for all, since where they differ they rarely collide.

use std::collections::HashMap;

use super::Dialect;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the source.
    Eof,
    /// An identifier, contextual keywords such as `type` and `goto` too.
    Name,
    /// A number of any spelling.
    Number,
    /// A whole string.
    Text,
    /// The start of a string with expressions in it, up to the first `{`.
    InterpolationBegin,
    /// The part between two expressions.
    InterpolationMid,
    /// The part after the last expression.
    InterpolationEnd,
    /// A reserved word.
    Word(Word),
    /// `...`
    Dots,
    /// `..`, `==`, `~=`, `<=`, `>=`, `//`: operators that are only binary.
    Operator,
    /// `+=` and its like.
    Compound,
    /// `::`
    DoubleColon,
    /// `->`
    Arrow,
    /// Any other single byte.
    Byte(u8),
}

/// The words that are reserved in all flavours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    And,
    Break,
    Do,
    Else,
    Elseif,
    End,
    False,
    For,
    Function,
    If,
    In,
    Local,
    Nil,
    Not,
    Or,
    Repeat,
    Return,
    Then,
    True,
    Until,
    While,
}

/// The number of a name: equal names have equal symbols.
pub(super) type Symbol = u32;

/// One token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its bytes in the source: from here …
    pub(super) start: u32,
    /// … to before here.
    pub(super) end: u32,
    /// The line where it starts, from 1.
    pub(super) line: u32,
    /// Which name it is, for [`Kind::Name`].
    pub(super) symbol: Symbol,
}

/// Reads a source token by token.
pub(super) struct Lexer<'s> {
    source: &'s [u8],
    dialect: Dialect,
    at: usize,
    line: u32,
    /// For each string with expressions that is open: how many braces are open in its expression.
    braces: Vec<u32>,
    /// Keyed hashing: names are chosen by whoever wrote the source.
    symbols: HashMap<&'s [u8], Symbol>,
    names: Vec<&'s [u8]>,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s [u8], dialect: Dialect) -> Lexer<'s> {
        let mut lexer = Lexer {
            source,
            dialect,
            at: 0,
            line: 1,
            braces: Vec::new(),
            symbols: HashMap::new(),
            names: Vec::new(),
        };
        if source.first() == Some(&b'#') {
            lexer.skip_line();
        }
        lexer
    }

    /// The number of `name`.
    pub(super) fn intern(&mut self, name: &'s [u8]) -> Symbol {
        let next = self.names.len() as Symbol;
        let symbol = *self.symbols.entry(name).or_insert(next);
        if symbol == next {
            self.names.push(name);
        }
        symbol
    }

    /// The name with the number `symbol`.
    pub(super) fn name(&self, symbol: Symbol) -> &'s [u8] {
        self.names[symbol as usize]
    }

    /// How many different names were met.
    pub(super) fn symbol_count(&self) -> usize {
        self.names.len()
    }

    /// The next token; `None` where the source can't be read.
    pub(super) fn next(&mut self) -> Option<Token> {
        self.skip_blanks()?;
        let (start, line) = (self.at, self.line);
        let mut symbol = 0;
        let kind = match self.peek(0) {
            0 => Kind::Eof,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.read_name(&mut symbol),
            0x80.. if self.dialect == Dialect::LuaJit => self.read_name(&mut symbol),
            b'0'..=b'9' => self.read_number(),
            b'.' if self.peek(1).is_ascii_digit() => self.read_number(),
            quote @ (b'"' | b'\'') => self.read_string(quote)?,
            b'`' => {
                self.at += 1;
                self.read_section(Kind::InterpolationBegin, Kind::Text)?
            }
            b'[' => match self.long_bracket()? {
                Some(level) => self.read_long(level).map(|()| Kind::Text)?,
                None => self.take(1, Kind::Byte(b'[')),
            },
            b'{' => {
                if let Some(open) = self.braces.last_mut() {
                    *open += 1;
                }
                self.take(1, Kind::Byte(b'{'))
            }
            b'}' => self.read_closing_brace()?,
            byte => self.read_operator(byte),
        };
        Some(Token {
            kind,
            start: start as u32,
            end: self.at as u32,
            line,
            symbol,
        })
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.source.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn take(&mut self, length: usize, kind: Kind) -> Kind {
        self.at += length;
        kind
    }

    /// Steps over the line break here, and counts it as the engine does.
    fn skip_break(&mut self) {
        let byte = self.peek(0);
        self.at += 1;
        if self.dialect == Dialect::Luau {
            self.line += u32::from(byte == b'\n');
            return;
        }
        self.line += 1;
        if matches!((byte, self.peek(0)), (b'\r', b'\n') | (b'\n', b'\r')) {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        while !matches!(self.peek(0), 0 | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn skip_space(&mut self) {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
                b'\n' | b'\r' => self.skip_break(),
                _ => return,
            }
        }
    }

    /// Steps over space and comments.
    fn skip_blanks(&mut self) -> Option<()> {
        loop {
            self.skip_space();
            if self.peek(0) != b'-' || self.peek(1) != b'-' {
                return Some(());
            }
            self.at += 2;
            let level = (self.peek(0) == b'[').then(|| self.long_bracket());
            match level {
                Some(Some(Some(level))) => self.read_long(level)?,
                _ => self.skip_line(),
            }
        }
    }

    fn read_name(&mut self, symbol: &mut Symbol) -> Kind {
        let start = self.at;
        let takes_more = self.dialect == Dialect::LuaJit;
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9')
            || (takes_more && self.peek(0) >= 0x80)
        {
            self.at += 1;
        }
        let name = &self.source[start..self.at];
        match word(name) {
            Some(word) => Kind::Word(word),
            None => {
                *symbol = self.intern(name);
                Kind::Name
            }
        }
    }

    fn read_number(&mut self) -> Kind {
        let is_hex = self.peek(0) == b'0' && self.peek(1) | 0x20 == b'x';
        let exponent = if is_hex { b'p' } else { b'e' };
        loop {
            match self.peek(0) {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' => self.at += 1,
                b'+' | b'-' if self.source[self.at - 1] | 0x20 == exponent => self.at += 1,
                _ => return Kind::Number,
            }
        }
    }

    fn read_string(&mut self, quote: u8) -> Option<Kind> {
        self.at += 1;
        loop {
            match self.peek(0) {
                0 | b'\n' | b'\r' => return None,
                b'\\' => self.skip_escape(),
                byte => {
                    self.at += 1;
                    if byte == quote {
                        return Some(Kind::Text);
                    }
                }
            }
        }
    }

    fn skip_escape(&mut self) {
        self.at += 1;
        match self.peek(0) {
            0 => {}
            b'z' => {
                self.at += 1;
                self.skip_space();
            }
            b'\r' if self.dialect == Dialect::Luau && self.peek(1) == b'\n' => {
                self.at += 1;
                self.skip_break();
            }
            b'\n' | b'\r' => self.skip_break(),
            _ => self.at += 1,
        }
    }

    /// Reads on in a string with expressions: `more` if another expression follows, `done` at its end.
    fn read_section(&mut self, more: Kind, done: Kind) -> Option<Kind> {
        loop {
            match self.peek(0) {
                0 | b'\n' | b'\r' => return None,
                b'\\' if self.peek(1) == b'u' && self.peek(2) == b'{' => self.at += 3,
                b'\\' => self.skip_escape(),
                b'`' => return Some(self.take(1, done)),
                b'{' => {
                    self.braces.push(0);
                    return Some(self.take(1, more));
                }
                _ => self.at += 1,
            }
        }
    }

    fn read_closing_brace(&mut self) -> Option<Kind> {
        self.at += 1;
        match self.braces.last_mut() {
            Some(0) => {
                self.braces.pop();
                self.read_section(Kind::InterpolationMid, Kind::InterpolationEnd)
            }
            Some(open) => {
                *open -= 1;
                Some(Kind::Byte(b'}'))
            }
            None => Some(Kind::Byte(b'}')),
        }
    }

    /// The level of the long bracket that opens here, `Some(None)` for a plain `[`.
    fn long_bracket(&self) -> Option<Option<usize>> {
        let level = self.source[self.at + 1..]
            .iter()
            .take_while(|byte| **byte == b'=')
            .count();
        match self.peek(level + 1) {
            b'[' => Some(Some(level)),
            _ if level == 0 => Some(None),
            _ => None,
        }
    }

    /// Steps over a long string or comment, from its opening bracket on.
    fn read_long(&mut self, level: usize) -> Option<()> {
        self.at += level + 2;
        loop {
            match self.peek(0) {
                0 => return None,
                b'\n' | b'\r' => self.skip_break(),
                b']' => {
                    self.at += 1;
                    let rest = &self.source[self.at..];
                    let signs = rest.iter().take_while(|byte| **byte == b'=').count();
                    self.at += signs;
                    if signs == level && self.peek(0) == b']' {
                        self.at += 1;
                        return Some(());
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn read_operator(&mut self, byte: u8) -> Kind {
        match (byte, self.peek(1), self.peek(2)) {
            (b'.', b'.', b'.') => self.take(3, Kind::Dots),
            (b'.', b'.', b'=') | (b'/', b'/', b'=') => self.take(3, Kind::Compound),
            (b'.', b'.', _) | (b'/', b'/', _) | (b'=' | b'~' | b'<' | b'>', b'=', _) => {
                self.take(2, Kind::Operator)
            }
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'^', b'=', _) => self.take(2, Kind::Compound),
            (b':', b':', _) => self.take(2, Kind::DoubleColon),
            (b'-', b'>', _) => self.take(2, Kind::Arrow),
            _ => self.take(1, Kind::Byte(byte)),
        }
    }
}

fn word(name: &[u8]) -> Option<Word> {
    Some(match name {
        b"and" => Word::And,
        b"break" => Word::Break,
        b"do" => Word::Do,
        b"else" => Word::Else,
        b"elseif" => Word::Elseif,
        b"end" => Word::End,
        b"false" => Word::False,
        b"for" => Word::For,
        b"function" => Word::Function,
        b"if" => Word::If,
        b"in" => Word::In,
        b"local" => Word::Local,
        b"nil" => Word::Nil,
        b"not" => Word::Not,
        b"or" => Word::Or,
        b"repeat" => Word::Repeat,
        b"return" => Word::Return,
        b"then" => Word::Then,
        b"true" => Word::True,
        b"until" => Word::Until,
        b"while" => Word::While,
        _ => return None,
    })
}
