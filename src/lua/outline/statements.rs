//! Statements: what is declared, assigned and looped.

use super::expressions::Primary;
use super::lexer::{Kind, Token, Word};
use super::places::{Span, Step};
use super::reader::{Attributes, Head, Reader};
use super::{Constant, Dialect};

/// A name that a statement declares.
struct Declared {
    name: Token,
    attribute: Attribute,
}

/// What Lua 5.4 may say of a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    None,
    Const,
    Close,
}

impl Reader<'_> {
    /// Reads one statement.
    pub(super) fn statement(&mut self) -> Option<()> {
        match self.token.kind {
            Kind::Byte(b';') => self.bump(),
            Kind::Word(Word::If) => self.if_(),
            Kind::Word(Word::While) => self.while_(),
            Kind::Word(Word::Do) => {
                self.branches += 1;
                self.do_block()
            }
            Kind::Word(Word::For) => self.for_(),
            Kind::Word(Word::Repeat) => self.repeat(),
            Kind::Word(Word::Function) => self.function_statement(None),
            Kind::Word(Word::Local) => {
                self.bump()?;
                self.local(None)
            }
            Kind::Word(Word::Return) => self.return_(),
            Kind::Word(Word::Break) => self.bump(),
            Kind::Byte(b'@') => self.attributed(),
            Kind::DoubleColon => self.label(),
            Kind::Name => self.statement_of_name(),
            _ => self.expression_statement(),
        }
    }

    /// Reads `do … end`.
    fn do_block(&mut self) -> Option<()> {
        self.expect_word(Word::Do)?;
        self.block()?;
        self.expect_word(Word::End)
    }

    fn if_(&mut self) -> Option<()> {
        self.branches += 1;
        loop {
            self.bump()?; // `if` or `elseif`
            self.at(None, Self::expression)?;
            self.expect_word(Word::Then)?;
            self.block()?;
            if self.is_word(Word::Else) {
                self.bump()?;
                self.block()?;
            } else if self.is_word(Word::Elseif) {
                continue;
            }
            return self.expect_word(Word::End);
        }
    }

    fn while_(&mut self) -> Option<()> {
        self.branches += 1;
        self.bump()?;
        self.loops += 1; // its condition is evaluated each time
        self.at(None, Self::expression)?;
        self.do_block()?;
        self.loops -= 1;
        Some(())
    }

    fn repeat(&mut self) -> Option<()> {
        self.branches += 1;
        self.bump()?;
        self.loops += 1;
        let active = self.scopes.active_count();
        self.open_block()?;
        self.expect_word(Word::Until)?;
        self.at(None, Self::expression)?; // sees the variables of the body
        self.scopes.close(active);
        self.loops -= 1;
        Some(())
    }

    fn for_(&mut self) -> Option<()> {
        self.branches += 1;
        self.bump()?;
        let mut names = vec![self.binding()?];
        while self.accept(b',')? {
            names.push(self.binding()?);
        }
        if !self.accept(b'=')? {
            self.expect_word(Word::In)?;
        }
        self.expressions()?;
        self.loops += 1;
        let active = self.scopes.active_count();
        for name in names {
            self.declare(name)?;
        }
        self.do_block()?;
        self.scopes.close(active);
        self.loops -= 1;
        Some(())
    }

    /// Reads a name with an optional type.
    fn binding(&mut self) -> Option<Token> {
        let name = self.expect_name()?;
        self.annotation()?;
        Some(name)
    }

    fn label(&mut self) -> Option<()> {
        self.bump()?;
        self.expect_name()?;
        (self.token.kind == Kind::DoubleColon).then_some(())?;
        // A `goto` may come back to here: what follows in this block may run more than once.
        self.loops += 1;
        self.branches += 1;
        self.bump()
    }

    fn return_(&mut self) -> Option<()> {
        let is_of_main = self.scopes.is_in_main();
        self.bump()?;
        if self.is_at_block_end() || self.is(b';') {
            return Some(());
        }
        let name = (self.token.kind == Kind::Name).then_some(self.token.symbol);
        let is_alone = matches!(self.ahead.kind, Kind::Eof | Kind::Byte(b';'));
        loop {
            self.at(Some(Step::Return), Self::expression)?;
            if !self.accept(b',')? {
                break;
            }
        }
        self.accept(b';')?;
        if is_of_main && is_alone && self.token.kind == Kind::Eof {
            self.returned = name.and_then(|symbol| self.scopes.meaning(symbol));
        }
        Some(())
    }

    fn attributed(&mut self) -> Option<()> {
        let attributes = self.attributes()?;
        match self.token.kind {
            Kind::Word(Word::Function) => self.function_statement(attributes),
            Kind::Word(Word::Local) => {
                self.bump()?;
                self.local(attributes)
            }
            Kind::Name if self.bytes(self.token) == b"const" => {
                self.bump()?;
                self.local(attributes)
            }
            _ => None,
        }
    }

    /// Reads a statement that begins with a name, which may be a keyword only here.
    fn statement_of_name(&mut self) -> Option<()> {
        let word = self.token;
        let ahead = self.ahead.kind;
        let begins_name = ahead == Kind::Name;
        let begins_function = ahead == Kind::Word(Word::Function);
        match self.bytes(word) {
            b"type" if begins_name || begins_function => self.type_alias(),
            b"export" if begins_name && self.bytes(self.ahead) == b"type" => {
                self.bump()?;
                self.type_alias()
            }
            b"const" if begins_name || begins_function => {
                self.bump()?;
                self.local(None)
            }
            b"goto" if begins_name => {
                self.branches += 1;
                self.bump()?;
                self.bump()
            }
            b"continue" if !continues_expression(ahead) => self.bump(),
            _ => self.expression_statement(),
        }
    }

    fn type_alias(&mut self) -> Option<()> {
        self.bump()?;
        if self.is_word(Word::Function) {
            return self.type_function();
        }
        self.expect_name()?;
        if self.is(b'<') {
            self.angles()?;
        }
        self.expect(b'=')?;
        self.type_()
    }

    /// Reads a function of types, which is no function at run time.
    fn type_function(&mut self) -> Option<()> {
        let mark = self.scopes.mark();
        let keyword = self.token;
        self.bump()?;
        let name = self.expect_name()?;
        let head = Head {
            attributes: None,
            keyword,
            debug_name: None,
            is_method: false,
            is_statement: true,
        };
        // As if it were a field: so it takes nobody's place.
        let step = Step::Key(Span::new(name.start, name.end));
        self.at(Some(step), |reader| reader.function(&head))?;
        self.scopes.forget(&mark);
        Some(())
    }

    /// Reads `function a.b:c() … end`.
    fn function_statement(&mut self, attributes: Option<Attributes>) -> Option<()> {
        let keyword = self.token;
        self.bump()?;
        let first = self.expect_name()?;
        let is_whole = !self.is(b'.') && !self.is(b':');
        let variable = self.scopes.refer(first.symbol, first.start, true)?;
        if let (Some(variable), true) = (variable, is_whole) {
            self.scopes.reassign(variable);
        }
        let target = Span::new(first.start, first.end);
        self.at(Some(Step::Target(target)), |reader| {
            let mut last = first;
            let mut is_method = false;
            while !is_method && (reader.is(b'.') || reader.is(b':')) {
                is_method = reader.is(b':');
                reader.bump()?;
                last = reader.expect_name()?;
                reader.path.push(Step::Key(Span::new(last.start, last.end)));
            }
            reader.function(&Head {
                attributes,
                keyword,
                debug_name: Some(last.symbol),
                is_method,
                is_statement: true,
            })
        })
    }

    /// Reads what follows `local` or `const`.
    fn local(&mut self, attributes: Option<Attributes>) -> Option<()> {
        if self.is_word(Word::Function) {
            return self.local_function(attributes);
        }
        let mut names = Vec::with_capacity(1);
        loop {
            let name = self.expect_name()?;
            let attribute = self.attribute()?;
            self.annotation()?;
            names.push(Declared { name, attribute });
            if !self.accept(b',')? {
                break;
            }
        }
        let mut constants = self.initial_values(&names)?;
        for (index, declared) in names.iter().enumerate() {
            let id = self.declare(declared.name)?;
            let draft = &mut self.scopes.variables[id.0 as usize];
            draft.is_closed = declared.attribute == Attribute::Close;
            // What can't change is told alike on every flavour, whether its engine captures it or not. Tables
            // can; only Luau finds out which never do.
            let constant = constants.get_mut(index).and_then(Option::take);
            draft.constant = constant.filter(|it| self.dialect == Dialect::Luau || !it.has_table);
        }
        Some(())
    }

    /// Reads `<const>` or `<close>`, if it is here.
    fn attribute(&mut self) -> Option<Attribute> {
        if self.is_luau() || !self.accept(b'<')? {
            return Some(Attribute::None);
        }
        let name = self.expect_name()?;
        self.expect(b'>')?;
        Some(match self.bytes(name) {
            b"const" => Attribute::Const,
            _ => Attribute::Close,
        })
    }

    /// Reads `= …` after `names`, if it is here: which of the values are constants.
    fn initial_values(&mut self, names: &[Declared]) -> Option<Vec<Option<Constant>>> {
        let mut constants = Vec::new();
        let mut is_more = self.accept(b'=')?;
        let mut may_be_many = false;
        while is_more {
            let name = names.get(constants.len()).map(|declared| declared.name);
            let step = name.map(|name| Step::Target(Span::new(name.start, name.end)));
            let start = self.token.start;
            self.uses = Some(Vec::new());
            self.has_table = false;
            self.at(step, Self::expression)?;
            may_be_many = self.uses.is_none();
            constants.push(self.uses.take().map(|uses| Constant {
                start,
                end: self.last_end,
                uses,
                has_table: self.has_table,
            }));
            is_more = self.accept(b',')?;
        }
        if !may_be_many {
            let nil = Constant {
                start: 0,
                end: 0,
                uses: Vec::new(),
                has_table: false,
            };
            constants.resize_with(names.len().max(constants.len()), || Some(nil.clone()));
        }
        Some(constants)
    }

    fn local_function(&mut self, attributes: Option<Attributes>) -> Option<()> {
        let keyword = self.token;
        self.bump()?;
        let name = self.expect_name()?;
        let span = Span::new(name.start, name.end);
        self.declare(name)?;
        let head = Head {
            attributes,
            keyword,
            debug_name: Some(name.symbol),
            is_method: false,
            is_statement: false,
        };
        self.at(Some(Step::Target(span)), |reader| reader.function(&head))
    }

    /// Reads a call, or an assignment.
    fn expression_statement(&mut self) -> Option<()> {
        let first = self.at(None, Self::primary)?;
        if self.token.kind == Kind::Compound {
            self.assign(&first);
            self.bump()?;
            return self.at(None, Self::expression);
        }
        if !self.is(b',') && !self.is(b'=') {
            return first.is_call.then_some(());
        }
        let mut targets = vec![first];
        while self.accept(b',')? {
            targets.push(self.at(None, Self::primary)?);
        }
        self.expect(b'=')?;
        for target in &targets {
            self.assign(target);
        }
        let mut values = 0;
        loop {
            let chain = targets.get(values).and_then(|target| target.chain);
            self.at(chain.map(Step::Target), Self::expression)?;
            values += 1;
            if !self.accept(b',')? {
                return Some(());
            }
        }
    }

    fn assign(&mut self, target: &Primary) {
        if let Some(variable) = target.variable {
            self.scopes.reassign(variable);
        }
    }
}

/// Whether a name before a token of this kind is not a statement of its own.
fn continues_expression(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Byte(b'(' | b'.' | b'[' | b':' | b'{' | b'=' | b',') | Kind::Text | Kind::Compound
    )
}
