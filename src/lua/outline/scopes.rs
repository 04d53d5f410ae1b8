//! Scopes: which variable a name means, and which functions capture it.

use std::collections::HashMap;

use super::lexer::Symbol;
use super::{Constant, Reference, Text, VariableId};

/// The most variables that one function captures: what the engines allow at most.
const CAPTURES_MAX: usize = 255;

/// The most captures of all functions together: an honest megabyte of source has a tenth of it.
const CAPTURES_OF_ALL_MAX: usize = 1 << 20;

/// The most parameters of a function.
const PARAMS_MAX: u8 = 250;

/// A variable, while the source is being read.
pub(super) struct VariableDraft {
    pub(super) symbol: Symbol,
    /// The function that it is a local of.
    pub(super) function: u32,
    pub(super) line: u32,
    pub(super) is_in_loop: bool,
    /// Which of the variables with this name in this function it is, from 1.
    pub(super) number: u32,
    pub(super) is_captured: bool,
    pub(super) is_reassigned: bool,
    pub(super) is_closed: bool,
    pub(super) constant: Option<Constant>,
    /// How many functions enclose it.
    depth: u32,
    /// What its name meant before.
    hides: Option<VariableId>,
    /// The function that captured it last.
    captured_by: u32,
}

/// A function, while the source is being read.
#[derive(Default)]
pub(super) struct FunctionDraft {
    pub(super) place: String,
    pub(super) line: u32,
    pub(super) last_line: u32,
    pub(super) params: u8,
    pub(super) is_vararg: bool,
    pub(super) number: u32,
    pub(super) first_number: u32,
    pub(super) has_branches: bool,
    pub(super) captures: Vec<VariableId>,
    pub(super) text: Text,
    pub(super) debug_name: Option<Symbol>,
}

/// All that is declared, and what of it is visible.
#[derive(Default)]
pub(super) struct Scopes {
    pub(super) variables: Vec<VariableDraft>,
    pub(super) functions: Vec<FunctionDraft>,
    pub(super) references: Vec<Reference>,
    /// By symbol: what the name means here; none for a global.
    visible: Vec<Option<VariableId>>,
    /// The variables in scope.
    active: Vec<VariableId>,
    /// The functions that are being read, the main chunk first.
    open: Vec<u32>,
    /// How many variables there are by function, name, and whether they are in a loop.
    counts: HashMap<(u32, Symbol, bool), u32>,
    /// How many functions have ended.
    closed_count: u32,
    capture_count: usize,
}

/// How far things had got at some point.
pub(super) struct Mark {
    variables: usize,
    functions: usize,
    references: usize,
    closed_count: u32,
}

impl Scopes {
    /// What is open now; for [`Scopes::close`].
    pub(super) fn active_count(&self) -> usize {
        self.active.len()
    }

    /// Ends the scopes of all variables but the first `count`.
    pub(super) fn close(&mut self, count: usize) {
        for id in self.active.drain(count..).rev() {
            let draft = &self.variables[id.0 as usize];
            self.visible[draft.symbol as usize] = draft.hides;
        }
    }

    /// Begins the scope of a new variable of the innermost function.
    pub(super) fn declare(&mut self, symbol: Symbol, line: u32, is_in_loop: bool) -> VariableId {
        let function = self.innermost();
        let number = self
            .counts
            .entry((function, symbol, is_in_loop))
            .or_insert(0);
        *number += 1;
        let id = VariableId(self.variables.len() as u32);
        let index = symbol as usize;
        if index >= self.visible.len() {
            self.visible.resize(index + 1, None);
        }
        self.variables.push(VariableDraft {
            symbol,
            function,
            line,
            is_in_loop,
            number: *number,
            is_captured: false,
            is_reassigned: false,
            is_closed: false,
            constant: None,
            depth: self.open.len() as u32,
            hides: self.visible[index].replace(id),
            captured_by: 0,
        });
        self.active.push(id);
        id
    }

    /// Begins the scope of a parameter. `None` if there are too many.
    pub(super) fn declare_parameter(&mut self, symbol: Symbol, line: u32) -> Option<()> {
        self.declare(symbol, line, false);
        let function = self.innermost();
        let params = &mut self.functions[function as usize].params;
        *params += 1;
        (*params <= PARAMS_MAX).then_some(())
    }

    /// What `symbol` means here; none for a global.
    pub(super) fn meaning(&self, symbol: Symbol) -> Option<VariableId> {
        self.visible.get(symbol as usize).copied().flatten()
    }

    /// Notes that the source names `symbol` at `at`, and returns what that means. The outer `None` says
    /// that a function captures too much.
    pub(super) fn refer(
        &mut self,
        symbol: Symbol,
        at: u32,
        is_function_name: bool,
    ) -> Option<Option<VariableId>> {
        let Some(variable) = self.meaning(symbol) else {
            return Some(None);
        };
        let draft = &mut self.variables[variable.0 as usize];
        let depth = draft.depth as usize;
        if depth < self.open.len() {
            self.references.push(Reference {
                at,
                variable,
                is_function_name,
            });
            let innermost = self.open[self.open.len() - 1];
            if draft.captured_by != innermost {
                draft.captured_by = innermost;
                draft.is_captured = true;
                self.capture(variable, depth)?;
            }
        }
        Some(Some(variable))
    }

    /// Has the open functions from `depth` on capture `variable`.
    fn capture(&mut self, variable: VariableId, depth: usize) -> Option<()> {
        for function in self.open[depth..].iter().rev() {
            let captures = &mut self.functions[*function as usize].captures;
            if captures.contains(&variable) {
                break; // and so have those around it
            }
            self.capture_count += 1;
            if captures.len() == CAPTURES_MAX || self.capture_count > CAPTURES_OF_ALL_MAX {
                return None;
            }
            captures.push(variable);
        }
        Some(())
    }

    /// Notes that something assigns `variable` after its declaration.
    pub(super) fn reassign(&mut self, variable: VariableId) {
        self.variables[variable.0 as usize].is_reassigned = true;
    }

    /// The function that is being read.
    pub(super) fn innermost(&self) -> u32 {
        self.open.last().copied().unwrap_or(0)
    }

    /// Whether the main chunk is being read.
    pub(super) fn is_in_main(&self) -> bool {
        self.open.len() == 1
    }

    /// Begins a function.
    pub(super) fn open_function(&mut self, mut draft: FunctionDraft) {
        self.open.push(self.functions.len() as u32);
        draft.first_number = self.closed_count;
        self.functions.push(draft);
    }

    /// Ends the innermost function.
    pub(super) fn close_function(&mut self) -> Option<&mut FunctionDraft> {
        let index = self.open.pop()?;
        let draft = self.functions.get_mut(index as usize)?;
        draft.number = self.closed_count;
        self.closed_count += 1;
        Some(draft)
    }

    /// Forgets what only looks like a constant: what is reassigned, and what is made of it.
    pub(super) fn settle_constants(&mut self) {
        for index in 0..self.variables.len() {
            let (before, rest) = self.variables.split_at_mut(index);
            let draft = &mut rest[0];
            let Some(constant) = &mut draft.constant else {
                continue;
            };
            let mut is_constant = !draft.is_reassigned;
            for id in &constant.uses {
                let used = before.get(id.0 as usize);
                match used.and_then(|used| used.constant.as_ref()) {
                    Some(used) => constant.has_table |= used.has_table,
                    None => is_constant = false,
                }
            }
            if !is_constant {
                draft.constant = None;
            }
        }
    }

    /// How far things have got; for [`Scopes::forget`].
    pub(super) fn mark(&self) -> Mark {
        Mark {
            variables: self.variables.len(),
            functions: self.functions.len(),
            references: self.references.len(),
            closed_count: self.closed_count,
        }
    }

    /// Forgets what was found since `mark`, all of it in scopes that are closed.
    pub(super) fn forget(&mut self, mark: &Mark) {
        self.variables.truncate(mark.variables);
        self.functions.truncate(mark.functions);
        self.references.truncate(mark.references);
        self.closed_count = mark.closed_count;
    }
}
