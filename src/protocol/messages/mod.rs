//! Every message of the control protocol: the params and the result of each method.
//!
//! The table of methods is `for_each_method`; server, schema and tests walk it.

mod params;
mod results;

pub(super) use params::*;
pub(super) use results::*;

/// The version of the protocol. It counts what breaks a client.
pub(super) const PROTOCOL: u32 = 1;

/// Calls `$with!` with the table of methods: name, params, result.
macro_rules! for_each_method {
    ($with:ident) => {
        $with! {
            "initialize" => NoParams, Initialized;
            "mods.list" => NoParams, Vec<ModStatus>;
            "problems" => NoParams, Problems;
            "health" => NoParams, Vec<Health>;
            "dispatch" => DispatchParams, DispatchResult;
            "advance" => AdvanceParams, AdvanceResult;
            "call" => CallParams, Results;
            "eval" => EvalParams, Results;
            "state.get" => StateParams, Json;
            "state.diff" => StateParams, Differences;
            "state.export" => ModParams, Json;
            "state.import" => StateImportParams, Report;
            "pump" => PumpParams, Reports;
            "wait" => WaitParams, Reports;
            "reload" => ReloadParams, Report;
            "plan" => PlanParams, Plan;
            "history" => ModParams, Generations;
            "rollback" => RollbackParams, Report;
            "redo" => ModParams, Report;
            "resume" => ModParams, Reports;
            "bisect" => BisectParams, Bisection;
            "config.get" => ConfigGetParams, Json;
            "config.set" => ConfigSetParams, BTreeMap<String, Json>;
            "profiles.list" => NoParams, Profiles;
            "profiles.set" => ProfileParams, Reports;
            "grants" => NoParams, Vec<ModGrants>;
            "grant" => GrantParams, ModGrants;
            "graph" => GraphParams, Graph;
            "why" => WhyParams, Why;
            "save" => FileParams, Saved;
            "restore" => FileParams, Saved;
            "checkpoint" => NoParams, Problems;
            "save.inspect" => FileParams, SaveNeeds;
            "ledger" => LedgerParams, Ledger;
            "log" => LogParams, Log;
            "shutdown" => NoParams, Nothing;
        }
    };
}
pub(super) use for_each_method;
