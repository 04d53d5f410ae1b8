//! Tests of what a profile and a lock become; the words for bad ones stand in `tests/profiles`.
