//! Expressions: which names they use, and the functions in them. Precedence plays no part in either.

use super::VariableId;
use super::lexer::{Kind, Word};
use super::places::{FirstArgument, Span, Step};
use super::reader::{Head, Reader};

/// The longest string that tells a call apart.
const ARGUMENT_BYTES_MAX: u32 = 40;

/// A name, or a parenthesis, with all that follows it.
pub(super) struct Primary {
    /// The variable that it is, if nothing follows and it is none of the globals.
    pub(super) variable: Option<VariableId>,
    /// Its text, if it is a chain of names such as `a.b`.
    pub(super) chain: Option<Span>,
    /// Whether it ends with a call.
    pub(super) is_call: bool,
}

impl Reader<'_> {
    /// Reads an expression.
    pub(super) fn expression(&mut self) -> Option<()> {
        self.enter()?;
        loop {
            while matches!(
                self.token.kind,
                Kind::Word(Word::Not) | Kind::Byte(b'-' | b'#' | b'~')
            ) {
                self.bump()?;
            }
            self.operand()?;
            if self.is_luau() && self.token.kind == Kind::DoubleColon {
                self.bump()?;
                self.type_()?;
            }
            if !self.binary_operator()? {
                break;
            }
        }
        self.leave();
        Some(())
    }

    /// Reads expressions between commas that have no names.
    pub(super) fn expressions(&mut self) -> Option<()> {
        loop {
            self.at(None, Self::expression)?;
            if !self.accept(b',')? {
                return Some(());
            }
        }
    }

    /// Steps over a binary operator, if one is here.
    fn binary_operator(&mut self) -> Option<bool> {
        match self.token.kind {
            Kind::Word(Word::And | Word::Or) => self.branches += 1,
            Kind::Operator
            | Kind::Byte(b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'&' | b'|' | b'~') => {}
            // A shift is two of these.
            Kind::Byte(angle @ (b'<' | b'>')) => {
                if self.ahead.kind == Kind::Byte(angle) {
                    self.bump()?;
                }
            }
            _ => return Some(false),
        }
        self.bump()?;
        Some(true)
    }

    fn operand(&mut self) -> Option<()> {
        match self.token.kind {
            Kind::Word(Word::Nil | Word::True | Word::False) | Kind::Number | Kind::Text => {
                self.bump()
            }
            Kind::InterpolationBegin => self.interpolation(),
            Kind::Dots => {
                self.uses = None;
                self.bump()
            }
            Kind::Byte(b'{') => self.table(),
            Kind::Word(Word::Function) | Kind::Byte(b'@') => self.function_expression(),
            Kind::Word(Word::If) => self.if_expression(),
            _ => self.primary().map(|_| ()),
        }
    }

    fn interpolation(&mut self) -> Option<()> {
        loop {
            self.bump()?;
            self.at(None, Self::expression)?;
            match self.token.kind {
                Kind::InterpolationMid => {}
                Kind::InterpolationEnd => return self.bump(),
                _ => return None,
            }
        }
    }

    fn if_expression(&mut self) -> Option<()> {
        self.branches += 1;
        self.enter()?;
        loop {
            self.bump()?; // `if` or `elseif`
            self.at(None, Self::expression)?;
            self.expect_word(Word::Then)?;
            self.expression()?;
            if !self.is_word(Word::Elseif) {
                break;
            }
        }
        self.expect_word(Word::Else)?;
        self.expression()?;
        self.leave();
        Some(())
    }

    fn function_expression(&mut self) -> Option<()> {
        let attributes = self.attributes()?;
        let keyword = self.token;
        self.expect_word(Word::Function)?;
        self.function(&Head {
            attributes,
            keyword,
            debug_name: None,
            is_method: false,
            is_statement: false,
        })?;
        self.uses = None;
        Some(())
    }

    fn table(&mut self) -> Option<()> {
        self.enter()?;
        self.expect(b'{')?;
        while !self.is(b'}') {
            self.field()?;
            if !self.accept(b',')? && !self.accept(b';')? {
                break;
            }
        }
        self.expect(b'}')?;
        self.has_table = true;
        self.leave();
        Some(())
    }

    fn field(&mut self) -> Option<()> {
        if self.token.kind == Kind::Name && self.ahead.kind == Kind::Byte(b'=') {
            return self.named_field();
        }
        let step = self.key()?;
        self.below(step, Self::expression)
    }

    fn named_field(&mut self) -> Option<()> {
        let name = self.expect_name()?;
        self.bump()?;
        let function = self.scopes.functions.len();
        let is_function = matches!(
            self.token.kind,
            Kind::Word(Word::Function) | Kind::Byte(b'@')
        );
        let step = Step::Key(Span::new(name.start, name.end));
        self.below(step, Self::expression)?;
        // Luau names the function after the field if there is nothing but it.
        if let Some(draft) = self.scopes.functions.get_mut(function)
            && is_function
            && draft.text.end == self.last_end
        {
            draft.debug_name = Some(name.symbol);
        }
        Some(())
    }

    /// Reads the key of a field without a name, if it has one.
    fn key(&mut self) -> Option<Step> {
        if !self.accept(b'[')? {
            return Some(Step::Item);
        }
        let text = self.plain_text(Kind::Byte(b']'));
        self.at(None, Self::expression)?;
        self.expect(b']')?;
        self.expect(b'=')?;
        let is_name = |span: &Span| {
            let bytes = &self.source[span.start as usize..span.end as usize];
            let mut bytes = bytes.iter();
            bytes.len() > 0 && bytes.all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        Some(text.filter(is_name).map_or(Step::Item, Step::Key))
    }

    /// The text of the string here, if it is short and plain and `next` follows.
    fn plain_text(&self, next: Kind) -> Option<Span> {
        let Span { start, end } = Span::new(self.token.start + 1, self.token.end.max(2) - 1);
        let is_short = self.token.kind == Kind::Text && end - start <= ARGUMENT_BYTES_MAX;
        if !is_short || self.ahead.kind != next {
            return None;
        }
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:/- ".contains(byte);
        let text = &self.source[start as usize..end as usize];
        text.iter().all(is_plain).then_some(Span { start, end })
    }

    /// Reads a name or an expression in parentheses, and the fields and calls that follow.
    pub(super) fn primary(&mut self) -> Option<Primary> {
        let start = self.token.start;
        let mut primary = Primary {
            variable: None,
            chain: None,
            is_call: false,
        };
        if self.accept(b'(')? {
            self.at(None, Self::expression)?;
            self.expect(b')')?;
        } else {
            let name = self.expect_name()?;
            primary.variable = self.scopes.refer(name.symbol, name.start, false)?;
            primary.chain = Some(self.span_from(start));
            self.use_variable(primary.variable);
        }
        loop {
            match self.token.kind {
                Kind::Byte(b'.') => {
                    self.link(&mut primary)?;
                    primary.is_call = false;
                }
                Kind::Byte(b'[') => {
                    self.bump()?;
                    self.at(None, Self::expression)?;
                    self.expect(b']')?;
                    primary.chain = None;
                    primary.is_call = false;
                }
                Kind::Byte(b':') => {
                    self.link(&mut primary)?;
                    self.instantiation()?;
                    self.arguments(&mut primary)?;
                }
                Kind::Byte(b'(' | b'{') | Kind::Text => self.arguments(&mut primary)?,
                Kind::Byte(b'<') if self.is_instantiation() => self.instantiation()?,
                _ => return Some(primary),
            }
            primary.variable = None;
            self.uses = None;
        }
    }

    fn use_variable(&mut self, variable: Option<VariableId>) {
        match (&mut self.uses, variable) {
            (Some(uses), Some(variable)) => uses.push(variable),
            _ => self.uses = None,
        }
    }

    /// Reads `.name` or `:name`.
    fn link(&mut self, primary: &mut Primary) -> Option<()> {
        let is_close = self.token.start == self.last_end && self.ahead.start == self.token.end;
        self.bump()?;
        self.expect_name()?;
        let longer = |chain: Span| Span::new(chain.start, self.last_end);
        primary.chain = primary.chain.filter(|_| is_close).map(longer);
        Some(())
    }

    fn is_instantiation(&self) -> bool {
        self.is_luau() && self.is(b'<') && self.ahead.kind == Kind::Byte(b'<')
    }

    /// Steps over the types of `f<<T>>()`, if they are here.
    fn instantiation(&mut self) -> Option<()> {
        if self.is_instantiation() {
            self.angles()?;
        }
        Some(())
    }

    /// Reads the arguments of a call.
    fn arguments(&mut self, primary: &mut Primary) -> Option<()> {
        let callee = primary.chain.take();
        primary.is_call = true;
        if self.token.kind == Kind::Text {
            return self.bump();
        }
        self.enter()?;
        if self.is(b'{') {
            let step = callee.map(|callee| Step::Call(callee, FirstArgument::Other));
            self.at(step, Self::table)?;
        } else {
            self.expect(b'(')?;
            let step = callee.map(|callee| Step::Call(callee, self.first_argument()));
            while !self.is(b')') {
                self.at(step, Self::expression)?;
                if !self.accept(b',')? {
                    break;
                }
            }
            self.expect(b')')?;
        }
        self.leave();
        Some(())
    }

    fn first_argument(&self) -> FirstArgument {
        let comma = Kind::Byte(b',');
        let token = self.token;
        if let Some(text) = self.plain_text(comma) {
            FirstArgument::Text(text)
        } else if token.kind == Kind::Name && self.ahead.kind == comma {
            FirstArgument::Name(Span::new(token.start, token.end))
        } else {
            FirstArgument::Other
        }
    }
}
