//! The bounds of the history against a plain rule; records that are damaged.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::past::Past;
use super::record::Record;
use super::{History, Place};
use crate::mod_id::ModId;
use crate::settings::StateManagement;

fn id(text: &str) -> ModId {
    text.parse().unwrap()
}

fn past(mod_id: &str, generation: u64, bytes: u64) -> Past {
    Past::OnDisk(Arc::new(Record::sample(mod_id, generation, bytes)))
}

/// What is left: one step at a time, the oldest of the mod that takes most.
fn plain(mut all: BTreeMap<&str, Vec<(u64, u64)>>, bytes_max: u64) -> BTreeMap<&str, Vec<u64>> {
    let size = |pasts: &Vec<(u64, u64)>| pasts.iter().map(|(_, bytes)| bytes).sum::<u64>();
    while all.values().map(size).sum::<u64>() > bytes_max {
        let largest = all.iter().max_by_key(|(_, pasts)| size(pasts));
        let largest = *largest.expect("something takes room").0;
        all.get_mut(largest).expect("it is there").remove(0);
    }
    let numbers = |pasts: Vec<(u64, u64)>| pasts.into_iter().map(|(number, _)| number).collect();
    all.into_iter()
        .map(|(mod_id, pasts)| (mod_id, numbers(pasts)))
        .collect()
}

proptest! {
    #[test]
    fn what_is_kept_is_within_the_bounds_and_what_a_plain_rule_keeps(
        of_first in prop::collection::vec(0u64..100, 0..12),
        of_second in prop::collection::vec(0u64..100, 0..12),
        history in 0usize..12, bytes_max in 0u64..800
    ) {
        let bounds = StateManagement { history, history_bytes: u64::MAX, ..Default::default() };
        let mut kept = History::new(Place::Nowhere, "mods".into(), None);
        kept.set(&bounds);
        let mut all = BTreeMap::new();
        for (mod_id, sizes) in [("first", &of_first), ("second", &of_second)] {
            let numbered: Vec<(u64, u64)> = (1..).zip(sizes.iter().copied()).collect();
            for (number, bytes) in &numbered {
                kept.push(&id(mod_id), past(mod_id, *number, *bytes));
            }
            let surplus = numbered.len().saturating_sub(history);
            all.insert(mod_id, numbered[surplus..].to_vec());
        }
        kept.set(&StateManagement { history_bytes: bytes_max, ..bounds });
        for (mod_id, expected) in plain(all, bytes_max) {
            let numbers: Vec<u64> = kept.of(&id(mod_id)).map(Past::generation).collect();
            prop_assert_eq!(numbers, expected, "{}", mod_id);
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_a_damaged_one_is_refused(
        generation in 1u64.., bytes in any::<u64>(), at in any::<prop::sample::Index>(), flip in 1u8..
    ) {
        let record = Record::sample("counter", generation, bytes);
        let mut written = record.to_bytes().expect("it is small");
        let read = Record::read(&written, &id("counter"), generation);
        prop_assert_eq!(read.as_ref(), Ok(&record));
        prop_assert!(Record::read(&written, &id("another"), generation).is_err());
        prop_assert!(Record::read(&written, &id("counter"), generation ^ 1).is_err());
        let at = at.index(written.len());
        prop_assert!(Record::read(&written[..at], &id("counter"), generation).is_err());
        written[at] ^= flip;
        prop_assert!(Record::read(&written, &id("counter"), generation).is_err());
    }

    #[test]
    fn any_bytes_in_a_record_with_a_right_checksum_do_no_harm(
        mut content in prop::collection::vec(any::<u8>(), 0..400), is_begun_well in any::<bool>()
    ) {
        if is_begun_well {
            content.splice(0..0, *b"\x07counter\x01\x01\x051.0.0");
        }
        if let Ok(record) = Record::read(&Record::sealed(&content), &id("counter"), 1) {
            let objects = record.objects().count();
            prop_assert!(objects <= content.len());
            prop_assert!(record.files().iter().count() <= content.len());
        }
    }
}
