//! What the methods about grants do.

use super::Session;
use crate::protocol::messages::*;
use crate::protocol::rpc::Failure;
use crate::{Code, Grant, ModGrants, Problem};

impl Session {
    pub(super) fn grant(&mut self, params: &GrantParams) -> Result<ModGrants, Failure> {
        let mod_id = &params.mod_id;
        self.known(mod_id)?;
        let grants = self.grants_of(params).unwrap_or_else(|| ModGrants {
            mod_id: mod_id.clone(),
            granted: Vec::new(),
            denied: Vec::new(),
            asks: Vec::new(),
        });
        let open: Vec<&String> = grants.asks.iter().chain(&grants.denied).collect();
        let grant = match &params.capabilities {
            Granting::Word(GrantWord::All) => Grant::only(open),
            Granting::Word(GrantWord::None) => Grant::none(),
            Granting::These(names) => {
                // A slip here would deny what was meant to be granted.
                if let Some(wrong) = names.iter().find(|name| !open.contains(name)) {
                    return Err(not_asked_for(wrong, &grants).into());
                }
                Grant::only(names.iter())
            }
        };
        self.mods.answer(mod_id, grant)?;
        Ok(self.grants_of(params).unwrap_or(grants))
    }

    fn grants_of(&self, params: &GrantParams) -> Option<ModGrants> {
        let mut all = self.mods.grants().into_iter();
        all.find(|grants| grants.mod_id == params.mod_id)
    }
}

fn not_asked_for(name: &str, grants: &ModGrants) -> Problem {
    let name = super::shortened(name);
    let because = format!("does not ask for \"{name}\", or has it");
    Problem::error(Code::BAD_CALL, because)
        .of(&grants.mod_id)
        .hint("`grants` has what each mod has and asks for")
}
