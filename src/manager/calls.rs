//! Calling one mod: a function that it exports, one of its globals, or code that somebody types.

use std::sync::Arc;

use crate::lua::{Fault, Vm};
use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::value::Value;

use super::{CROSSES, ModManager};

impl ModManager {
    /// Calls an exported function of a mod.
    pub(super) fn call_export(
        &mut self,
        mod_id: &ModId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Vec<Value>, Problem> {
        self.check_arguments(mod_id, arguments)?;
        self.end_flight_of(mod_id);
        let vm = self.vm_of(mod_id)?;
        let exported = vm.ledger().exports.get(function).copied();
        let exported = exported.ok_or_else(|| exports_no(function, &vm))?;
        let result = vm.call(exported, arguments, self.hub.handler_time());
        self.after_call(&vm, result, &format!("in {function}"))
    }

    /// Calls an exported function of a mod, else the global function of that name.
    pub(super) fn call_any(
        &mut self,
        mod_id: &ModId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Vec<Value>, Problem> {
        self.check_arguments(mod_id, arguments)?;
        self.end_flight_of(mod_id);
        let vm = self.vm_of(mod_id)?;
        if vm.ledger().exports.contains_key(function) {
            return self.call_export(mod_id, function, arguments);
        }
        let limit = self.hub.handler_time();
        match vm.call_global(function, arguments, limit) {
            Some(result) => self.after_call(&vm, result, &format!("in {function}")),
            None => Err(has_no_function(function, &vm)),
        }
    }

    /// Runs code in the environment of a mod.
    pub(super) fn run_code(&mut self, mod_id: &ModId, code: &str) -> Result<Vec<Value>, Problem> {
        self.end_flight_of(mod_id);
        let vm = self.vm_of(mod_id)?;
        let result = vm.eval(code);
        self.after_call(&vm, result, "in the code to evaluate")
    }

    /// Refuses arguments that mods could do nothing with.
    fn check_arguments(&self, mod_id: &ModId, arguments: &[Value]) -> Result<(), Problem> {
        let mut checked = arguments.iter().map(|value| self.engine.check_value(value));
        checked.try_for_each(|checked| checked).map_err(|why| {
            let because = format!("is called with an argument that can't cross because it {why}");
            Problem::error(Code::BAD_CALL, because)
                .of(mod_id)
                .hint(CROSSES)
        })
    }

    /// What every call from outside ends with.
    fn after_call(
        &mut self,
        vm: &Arc<Vm>,
        result: Result<Vec<Value>, Fault>,
        what: &str,
    ) -> Result<Vec<Value>, Problem> {
        self.activity += 1;
        let result = result.map_err(|fault| self.take_fault(vm, &fault, what));
        self.hear_faults_of_calls();
        self.deliver_emitted();
        result
    }

    /// The VM of a mod that runs.
    pub(super) fn vm_of(&self, mod_id: &ModId) -> Result<Arc<Vm>, Problem> {
        self.running
            .get(mod_id)
            .map(|running| running.vm.clone())
            .ok_or_else(|| {
                let problem = Problem::error(Code::BAD_CALL, "does not run").of(mod_id);
                let near =
                    crate::near::near(mod_id.as_str(), self.running.keys().map(ModId::as_str));
                match near {
                    Some(near) if near != mod_id.as_str() => {
                        problem.hint(format!("did you mean {near}?"))
                    }
                    _ => problem.hint("`mods.list` says which mods run, and why not the others"),
                }
            })
    }
}

fn exports_no(function: &str, vm: &Vm) -> Problem {
    let ledger = vm.ledger();
    let names: Vec<&str> = ledger.exports.keys().map(AsRef::as_ref).collect();
    let hint = match names.as_slice() {
        [] => "it exports nothing".to_owned(),
        names => format!("it exports {}", names.join(", ")),
    };
    Problem::error(Code::BAD_CALL, format!("exports no function `{function}`"))
        .of(vm.mod_id())
        .hint(hint)
}

fn has_no_function(function: &str, vm: &Vm) -> Problem {
    Problem::error(Code::BAD_CALL, format!("has no function `{function}`"))
        .of(vm.mod_id())
        .hint("define it as a global function, or export it with mod.export")
}
