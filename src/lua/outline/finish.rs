//! The end of reading: drafts become the outline, with the names that tell variables apart.

use std::collections::HashMap;

use super::lexer::{Lexer, Symbol};
use super::places::PLACES_BYTES_MAX;
use super::scopes::{FunctionDraft, Scopes, VariableDraft};
use super::{Dialect, Function, FunctionId, Outline, Variable, VariableId};

/// Makes the outline of what was found.
pub(super) fn finish(
    dialect: Dialect,
    scopes: Scopes,
    lexer: &Lexer<'_>,
    returned: Option<VariableId>,
) -> Option<Outline> {
    let mut names: Vec<Option<Box<str>>> = Vec::with_capacity(lexer.symbol_count());
    names.resize(lexer.symbol_count(), None);
    let mut name = |symbol: Symbol| -> Option<Box<str>> {
        let slot = &mut names[symbol as usize];
        if slot.is_none() {
            *slot = Some(std::str::from_utf8(lexer.name(symbol)).ok()?.into());
        }
        slot.clone()
    };
    let mut variables = Vec::with_capacity(scopes.variables.len());
    let mut slot_bytes = 0;
    for draft in scopes.variables {
        let encloser = &*scopes.functions[draft.function as usize].place;
        let variable = variable(draft, encloser, &mut name)?;
        slot_bytes += variable.slot.len();
        if slot_bytes > PLACES_BYTES_MAX {
            return None;
        }
        variables.push(variable);
    }
    let functions = scopes
        .functions
        .into_iter()
        .map(|draft| function(draft, &mut name))
        .collect::<Option<Vec<_>>>()?;
    let numbered = (0..).map(FunctionId).zip(&functions).skip(1);
    let by_place: HashMap<_, _> = numbered.map(|(id, f)| (f.place.clone(), id)).collect();
    Some(Outline {
        dialect,
        functions,
        variables,
        by_place,
        returned,
        references: scopes.references,
    })
}

fn variable(
    draft: VariableDraft,
    encloser: &str,
    name: &mut impl FnMut(Symbol) -> Option<Box<str>>,
) -> Option<Variable> {
    let is_of_file = draft.function == 0 && !draft.is_in_loop;
    let name = name(draft.symbol)?;
    let slot = if is_of_file || draft.is_captured {
        slot(&draft, encloser, &name)
    } else {
        String::new() // nobody asks for it
    };
    Some(Variable {
        slot: slot.into(),
        name,
        line: draft.line,
        is_of_file,
        is_reassigned: draft.is_reassigned,
        is_closed: draft.is_closed,
        constant: draft.constant,
    })
}

fn slot(draft: &VariableDraft, encloser: &str, name: &str) -> String {
    let (encloser, arrow) = match draft.function {
        0 => ("", ""),
        _ => (encloser, " > "),
    };
    let in_loop = if draft.is_in_loop { "loop > " } else { "" };
    match draft.number {
        1 => format!("{encloser}{arrow}{in_loop}local {name}"),
        number => format!("{encloser}{arrow}{in_loop}local {name}#{number}"),
    }
}

fn function(
    draft: FunctionDraft,
    name: &mut impl FnMut(Symbol) -> Option<Box<str>>,
) -> Option<Function> {
    Some(Function {
        place: draft.place.into(),
        line: draft.line,
        params: draft.params,
        is_vararg: draft.is_vararg,
        upvalues: draft.captures.into(),
        text: draft.text,
        debug_name: match draft.debug_name {
            Some(symbol) => Some(name(symbol)?),
            None => None,
        },
        last_line: draft.last_line,
        number: draft.number,
        first_number: draft.first_number,
        has_branches: draft.has_branches,
    })
}
