//! [`Alone`]: a world in which a VM is alone, for tests.

use std::sync::Arc;

use parking_lot::Mutex;

use super::*;
use crate::mod_id::ModId;
use crate::value::Value;

/// A world in which a VM is alone.
#[derive(Default)]
pub(super) struct Alone {
    lent: Lent,
    across: Across,
    pub(super) log: Mutex<Vec<LogLine>>,
}

impl Outside for Alone {
    fn emit(&self, _: Caller<'_>, _: &str, _: Value) -> Result<(), String> {
        Ok(())
    }

    fn is_present(&self, _: &ModId) -> bool {
        false
    }

    fn member(&self, _: Caller<'_>, _: &ModId, _: &str) -> Member {
        Member::Absent
    }

    fn call(&self, _: Caller<'_>, id: &ModId, _: &str, _: &[Value]) -> Result<Vec<Value>, String> {
        Err(format!("{id} is not there"))
    }

    fn across(&self) -> &Across {
        &self.across
    }

    fn way(&self, _: Caller<'_>, _: &ModId, _: &str) -> Option<(Arc<Vm>, FunctionRef)> {
        None
    }

    fn fault_across(&self, _: &Vm, _: &str, fault: Fault) -> String {
        fault.message
    }

    fn log(&self, line: LogLine) {
        self.log.lock().push(line);
    }

    fn tick(&self) -> u64 {
        0
    }

    fn registrations_changed(&self, _: &ModId) {}

    fn read_asset(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path} can't be read"))
    }

    fn lent(&self) -> &Lent {
        &self.lent
    }
}
