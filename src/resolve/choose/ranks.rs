//! [`Ranks`]: a set of versions of one mod, as bits; how pubgrub is told of versions.
//!
//! Rank 0 is "absent", the ranks from 1 on are the candidates that could run, the worst first. Since the
//! set is exact, pubgrub sees at once when two sets have nothing in common, which it can't where versions
//! are points on an endless line.

use std::fmt;

use pubgrub::VersionSet;

/// A set of ranks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Ranks {
    /// The ranks from 0 to 63.
    first: u64,
    /// The next ones, 64 a word; the last word differs from `tail`.
    rest: Vec<u64>,
    /// What all further bits are: 0 or all ones.
    tail: u64,
}

/// The rank of a mod that is not there.
pub(super) const ABSENT: u32 = 0;

impl Ranks {
    /// The ranks from 0 on, `count` of them.
    pub(super) fn up_to(count: u32) -> Ranks {
        (0..count).collect()
    }

    /// The same with one more.
    pub(super) fn and(mut self, rank: u32) -> Ranks {
        self.insert(rank);
        self
    }

    /// The same without a rank.
    pub(super) fn without(&self, rank: u32) -> Ranks {
        self.intersection(&Ranks::singleton(rank).complement())
    }

    fn insert(&mut self, rank: u32) {
        let bit = 1 << (rank % 64);
        match (rank / 64) as usize {
            0 => self.first |= bit,
            word => {
                if self.rest.len() < word {
                    self.rest.resize(word, self.tail);
                }
                self.rest[word - 1] |= bit;
            }
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.rest.last() == Some(&self.tail) {
            self.rest.pop();
        }
    }

    fn word(&self, word: usize) -> u64 {
        self.rest.get(word).copied().unwrap_or(self.tail)
    }

    fn combine(&self, other: &Ranks, with: impl Fn(u64, u64) -> u64) -> Ranks {
        let words = 0..self.rest.len().max(other.rest.len());
        let mut combined = Ranks {
            first: with(self.first, other.first),
            rest: words.map(|w| with(self.word(w), other.word(w))).collect(),
            tail: with(self.tail, other.tail),
        };
        combined.trim();
        combined
    }
}

impl FromIterator<u32> for Ranks {
    fn from_iter<I: IntoIterator<Item = u32>>(ranks: I) -> Ranks {
        let mut set = Ranks::default();
        ranks.into_iter().for_each(|rank| set.insert(rank));
        set
    }
}

impl VersionSet for Ranks {
    type V = u32;

    fn empty() -> Ranks {
        Ranks::default()
    }

    fn singleton(rank: u32) -> Ranks {
        Ranks::default().and(rank)
    }

    fn complement(&self) -> Ranks {
        Ranks {
            first: !self.first,
            rest: self.rest.iter().map(|word| !word).collect(),
            tail: !self.tail,
        }
    }

    fn intersection(&self, other: &Ranks) -> Ranks {
        self.combine(other, |a, b| a & b)
    }

    fn union(&self, other: &Ranks) -> Ranks {
        self.combine(other, |a, b| a | b)
    }

    fn contains(&self, rank: &u32) -> bool {
        let word = match (rank / 64) as usize {
            0 => self.first,
            word => self.word(word - 1),
        };
        word & (1 << (rank % 64)) != 0
    }
}

impl fmt::Display for Ranks {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:b}{:?}{:b}", self.first, self.rest, self.tail & 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Numbers on both sides of a word's end, told by a plain set.
    const RANKS: [u32; 8] = [0, 1, 62, 63, 64, 127, 128, 500];

    fn of(members: u32) -> (Ranks, BTreeSet<u32>) {
        let chosen = RANKS.iter().enumerate();
        let chosen = chosen.filter(|(bit, _)| members & (1 << bit) != 0);
        let plain: BTreeSet<u32> = chosen.map(|(_, rank)| *rank).collect();
        (plain.iter().copied().collect(), plain)
    }

    #[test]
    fn sets_of_ranks_are_sets() {
        for a in 0..256 {
            let (ranks_a, plain_a) = of(a);
            assert_eq!(ranks_a.complement().complement(), ranks_a);
            assert!(
                RANKS
                    .iter()
                    .all(|r| ranks_a.contains(r) == plain_a.contains(r))
            );
            assert!(
                RANKS
                    .iter()
                    .all(|r| ranks_a.complement().contains(r) != plain_a.contains(r))
            );
            for b in (0..256).step_by(7) {
                let (ranks_b, plain_b) = of(b);
                let both: Ranks = plain_a.intersection(&plain_b).copied().collect();
                let any: Ranks = plain_a.union(&plain_b).copied().collect();
                assert_eq!(ranks_a.intersection(&ranks_b), both);
                assert_eq!(ranks_a.union(&ranks_b), any);
                let back = ranks_a.complement().union(&ranks_b.complement());
                assert_eq!(back.complement(), both, "as de Morgan says");
            }
        }
    }
}
