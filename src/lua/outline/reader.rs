//! The reader: tokens one ahead, blocks, functions; and what has been read, as an outline.

use super::finish::finish;
use super::lexer::{Kind, Lexer, Symbol, Token, Word};
use super::places::{Places, Span, Step};
use super::scopes::{FunctionDraft, Scopes};
use super::{Dialect, Outline, Text, VariableId};

/// The deepest nesting of blocks and expressions. Lua and LuaJIT end at 200.
const NESTING_MAX: u32 = 400;

/// Reads one source.
pub(super) struct Reader<'s> {
    pub(super) source: &'s [u8],
    pub(super) dialect: Dialect,
    pub(super) token: Token,
    pub(super) ahead: Token,
    /// Where the token before ends.
    pub(super) last_end: u32,
    pub(super) scopes: Scopes,
    /// How many loops of the innermost function are around.
    pub(super) loops: u32,
    /// How many tokens were met after which code may be dead.
    pub(super) branches: u32,
    /// The steps to where the expression stands that is being read, after those of outer expressions.
    pub(super) path: Vec<Step>,
    /// Where the path of the expression that is being read begins.
    pub(super) path_start: usize,
    /// What the expression that is being read is made of, if it can be worked out while compiling.
    pub(super) uses: Option<Vec<VariableId>>,
    /// Whether a table is in it.
    pub(super) has_table: bool,
    pub(super) returned: Option<VariableId>,
    lexer: Lexer<'s>,
    places: Places,
    nesting: u32,
}

/// The attributes of a function.
#[derive(Clone, Copy)]
pub(super) struct Attributes {
    pub(super) start: Token,
    pub(super) end: u32,
}

/// How a function begins.
pub(super) struct Head {
    /// Where its attributes begin, and what ends them.
    pub(super) attributes: Option<Attributes>,
    /// The keyword `function`.
    pub(super) keyword: Token,
    /// What Luau calls it.
    pub(super) debug_name: Option<Symbol>,
    /// Whether `self` is implicit.
    pub(super) is_method: bool,
    /// Whether it is a statement `function a.b()`, not a `local function` or an expression.
    pub(super) is_statement: bool,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s [u8], dialect: Dialect) -> Option<Reader<'s>> {
        let mut lexer = Lexer::new(source, dialect);
        let token = lexer.next()?;
        let ahead = lexer.next()?;
        let mut scopes = Scopes::default();
        scopes.open_function(FunctionDraft::default());
        Some(Reader {
            source,
            dialect,
            token,
            ahead,
            last_end: 0,
            scopes,
            loops: 0,
            branches: 0,
            path: Vec::new(),
            path_start: 0,
            uses: None,
            has_table: false,
            returned: None,
            lexer,
            places: Places::default(),
            nesting: 0,
        })
    }

    /// Reads the whole source.
    pub(super) fn read(mut self) -> Option<Outline> {
        self.block()?;
        if self.token.kind != Kind::Eof {
            return None;
        }
        self.scopes.settle_constants();
        let main = self.scopes.close_function()?;
        main.is_vararg = true;
        main.line = match self.dialect {
            Dialect::Luau => 1,
            Dialect::Lua54 | Dialect::LuaJit => 0,
        };
        finish(self.dialect, self.scopes, &self.lexer, self.returned)
    }

    pub(super) fn is_luau(&self) -> bool {
        self.dialect == Dialect::Luau
    }

    /// Steps to the next token.
    pub(super) fn bump(&mut self) -> Option<()> {
        self.last_end = self.token.end;
        self.token = self.ahead;
        if self.token.kind != Kind::Eof {
            self.ahead = self.lexer.next()?;
        }
        Some(())
    }

    pub(super) fn is(&self, byte: u8) -> bool {
        self.token.kind == Kind::Byte(byte)
    }

    pub(super) fn is_word(&self, word: Word) -> bool {
        self.token.kind == Kind::Word(word)
    }

    /// Steps over `byte`, if it is here.
    pub(super) fn accept(&mut self, byte: u8) -> Option<bool> {
        let is_here = self.is(byte);
        if is_here {
            self.bump()?;
        }
        Some(is_here)
    }

    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.accept(byte)?.then_some(())
    }

    pub(super) fn expect_word(&mut self, word: Word) -> Option<()> {
        self.is_word(word).then_some(())?;
        self.bump()
    }

    pub(super) fn expect_name(&mut self) -> Option<Token> {
        let token = self.token;
        (token.kind == Kind::Name).then_some(())?;
        self.bump()?;
        Some(token)
    }

    /// The text of a token.
    pub(super) fn bytes(&self, token: Token) -> &'s [u8] {
        &self.source[token.start as usize..token.end as usize]
    }

    /// Goes one level deeper, if that is not too deep. Nobody needs to come back from a failure.
    pub(super) fn enter(&mut self) -> Option<()> {
        self.nesting += 1;
        (self.nesting <= NESTING_MAX).then_some(())
    }

    pub(super) fn leave(&mut self) {
        self.nesting -= 1;
    }

    /// Reads statements with a scope of their own.
    pub(super) fn block(&mut self) -> Option<()> {
        let active = self.scopes.active_count();
        self.open_block()?;
        self.scopes.close(active);
        Some(())
    }

    /// Reads statements whose variables stay visible for the caller to close.
    pub(super) fn open_block(&mut self) -> Option<()> {
        self.enter()?;
        let loops = self.loops;
        while !self.is_at_block_end() {
            self.statement()?;
        }
        self.loops = loops; // a label may have begun one
        self.leave();
        Some(())
    }

    pub(super) fn is_at_block_end(&self) -> bool {
        matches!(
            self.token.kind,
            Kind::Eof | Kind::Word(Word::Else | Word::Elseif | Word::End | Word::Until)
        )
    }

    /// Declares a local variable of the innermost function.
    pub(super) fn declare(&mut self, name: Token) -> Option<VariableId> {
        // Globals are fields of `_ENV` on Lua 5.4: a variable of that name changes what they mean.
        let hides_globals = self.dialect == Dialect::Lua54 && self.bytes(name) == b"_ENV";
        (!hides_globals).then_some(())?;
        let is_in_loop = self.loops > 0;
        Some(self.scopes.declare(name.symbol, name.line, is_in_loop))
    }

    /// Reads with `read` what stands at `step` of a new path, or nowhere that has a name.
    pub(super) fn at<R>(
        &mut self,
        step: Option<Step>,
        read: impl FnOnce(&mut Self) -> Option<R>,
    ) -> Option<R> {
        let (start, length) = (self.path_start, self.path.len());
        self.path_start = length;
        self.path.extend(step);
        let result = read(self);
        self.path.truncate(length);
        self.path_start = start;
        result
    }

    /// Reads with `read` what stands one step further on the path.
    pub(super) fn below<R>(
        &mut self,
        step: Step,
        read: impl FnOnce(&mut Self) -> Option<R>,
    ) -> Option<R> {
        self.path.push(step);
        let result = read(self);
        self.path.pop();
        result
    }

    /// Reads a function from its parameters on.
    pub(super) fn function(&mut self, head: &Head) -> Option<()> {
        self.enter()?;
        let draft = self.function_draft(head)?;
        let active = self.scopes.active_count();
        let loops = std::mem::take(&mut self.loops);
        let branches = self.branches;
        self.scopes.open_function(draft);
        if head.is_method {
            let symbol = self.lexer.intern(b"self");
            self.scopes.declare_parameter(symbol, self.token.line)?;
        }
        if self.is(b'<') {
            self.angles()?;
        }
        let is_vararg = self.parameters()?;
        if self.is(b':') {
            self.bump()?;
            self.type_()?;
        }
        self.at(None, Self::block)?;
        self.scopes.close(active);
        self.loops = loops;
        let (end, last_line) = (self.token.end, self.token.line);
        let has_branches = self.branches != branches;
        self.expect_word(Word::End)?;
        let draft = self.scopes.close_function()?;
        draft.text.end = end;
        draft.last_line = last_line;
        draft.is_vararg = is_vararg;
        draft.has_branches = has_branches;
        self.leave();
        Some(())
    }

    fn function_draft(&mut self, head: &Head) -> Option<FunctionDraft> {
        let encloser = self.scopes.innermost() as usize;
        let encloser = &self.scopes.functions[encloser].place;
        let path = &self.path[self.path_start..];
        let keyword = head.keyword;
        let place = self.places.place(self.source, encloser, path)?;
        Some(FunctionDraft {
            place,
            line: match self.dialect {
                Dialect::Luau => head.attributes.map_or(keyword.line, |it| it.start.line),
                _ if head.is_statement => keyword.line,
                _ => self.token.line,
            },
            text: Text {
                start: head.attributes.map_or(keyword.start, |it| it.start.start),
                attributes_end: head.attributes.map_or(keyword.start, |it| it.end),
                keyword: keyword.start,
                keyword_line: keyword.line,
                body: self.token.start,
                body_line: self.token.line,
                end: 0,
                is_method: head.is_method,
            },
            debug_name: head.debug_name,
            ..FunctionDraft::default()
        })
    }

    /// Reads a list of parameters; whether it takes more.
    fn parameters(&mut self) -> Option<bool> {
        self.expect(b'(')?;
        let mut is_vararg = false;
        while !self.is(b')') {
            if self.token.kind == Kind::Dots {
                is_vararg = true;
                self.bump()?;
                self.annotation()?;
                break;
            }
            let name = self.expect_name()?;
            if self.dialect == Dialect::Lua54 && self.bytes(name) == b"_ENV" {
                return None;
            }
            self.scopes.declare_parameter(name.symbol, name.line)?;
            self.annotation()?;
            if !self.accept(b',')? {
                break;
            }
        }
        self.expect(b')')?;
        Some(is_vararg)
    }

    /// The span of a chain of tokens that ends before here, if nothing but they is in it.
    pub(super) fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.last_end)
    }
}
