//! [`count_in`]: a list of problems that can't be filled: the same one again is counted, and each mod has its share.

use super::{Code, Problem};

/// The most problems that one list keeps, of all mods together. 1,000: more than anybody reads.
pub(crate) const PROBLEMS_MAX: usize = 1000;

impl Problem {
    /// Whether this is `other` once more.
    pub(crate) fn is_again(&self, other: &Problem) -> bool {
        let words = |problem: &Problem| (problem.code, problem.severity);
        words(self) == words(other)
            && self.place == other.place
            && self.mod_id == other.mod_id
            && self.because == other.because
    }

    /// Stands for what comes after the `each_max` problems that are kept of its mod.
    pub(crate) fn rest(&self, each_max: usize) -> Problem {
        let because = format!("has more problems than the {each_max} that are kept of one mod");
        let rest = Problem {
            mod_id: self.mod_id.clone(),
            times: self.times,
            ..Problem::error(Code::LIMIT, because)
        };
        rest.hint("mend the first ones; the number is limits.problems in lunation.toml")
    }
}

/// Takes `problem` in: one that is there already is counted, and so is what comes after the `each_max` different
/// ones that are kept of its mod, and after [`PROBLEMS_MAX`] of all.
pub(crate) fn count_in(problems: &mut Vec<Problem>, problem: Problem, each_max: usize) {
    if count_again(problems, &problem) {
        return;
    }
    let of_its_mod = |it: &&Problem| it.mod_id == problem.mod_id;
    let own = problems.iter().filter(of_its_mod).count();
    if own < each_max && problems.len() < PROBLEMS_MAX {
        return problems.push(problem);
    }
    let mut rest = problem.rest(each_max);
    if problems.len() >= PROBLEMS_MAX {
        rest.mod_id = None;
        rest.because = format!("there are more problems than the {PROBLEMS_MAX} that are kept");
    }
    if !count_again(problems, &rest) {
        problems.push(rest);
    }
}

/// Counts a problem that is in the list already; whether it is.
fn count_again(problems: &mut [Problem], problem: &Problem) -> bool {
    match problems.iter_mut().find(|it| it.is_again(problem)) {
        Some(known) => {
            known.times = known.times.saturating_add(problem.times);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(mod_id: &str, because: &str) -> Problem {
        Problem::error(Code::LUA_ERROR, because).of(&mod_id.parse().unwrap())
    }

    fn told(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_same_problem_again_is_counted() {
        let mut problems = Vec::new();
        for because in ["fails", "fails", "breaks", "fails"] {
            count_in(&mut problems, problem("it", because), 2);
        }
        assert_eq!(told(&problems), ["it: fails (×3)", "it: breaks"]);
    }

    #[test]
    fn a_mod_has_its_share_and_leaves_the_rest_to_others() {
        let mut problems = Vec::new();
        for n in 0..5 {
            count_in(&mut problems, problem("loud", &format!("fails {n}")), 2);
        }
        count_in(&mut problems, problem("quiet", "fails"), 2);
        let rest = "loud: has more problems than the 2 that are kept of one mod (×3) (hint: mend the first ones; the number is limits.problems in lunation.toml)";
        let expected = ["loud: fails 0", "loud: fails 1", rest, "quiet: fails"];
        assert_eq!(told(&problems), expected);
        for n in 0..3 * PROBLEMS_MAX {
            let mod_id = format!("mod-{n}");
            count_in(&mut problems, problem(&mod_id, "fails"), 2);
        }
        assert_eq!(problems.len(), PROBLEMS_MAX + 1);
        let last = problems.last().unwrap();
        assert_eq!((last.times, last.mod_id.is_none()), (2004, true));
    }
}
