//! Versions of other games as semver ones: three numbers, and what is behind them where no requirement looks.

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version};

/// What an epoch is worth: more than any date that is written as one number.
const EPOCH: u64 = 100_000_000;

/// The most characters of what is kept behind the numbers.
const REST_CHARS_MAX: usize = 64;

/// The version that `text` stands for, and what that loses.
///
/// The first three numbers count. What stands before them is left out; what stands behind them becomes build
/// metadata, so `1.2b` is `1.2.0+b`: a release like any other, which it was. An epoch (`1:2.0`) goes before
/// everything else, so it makes the first number larger by a hundred million.
pub(super) fn version(text: &str) -> (Version, Option<String>) {
    let text = text.trim();
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if is_number(epoch) => (number(epoch), rest),
        _ => (Some(0), text),
    };
    let start = rest.find(|c: char| c.is_ascii_digit());
    let (before, mut rest) = rest.split_at(start.unwrap_or(rest.len()));
    let mut numbers = [0; 3];
    let mut is_too_large = epoch.is_none();
    for (place, slot) in numbers.iter_mut().enumerate() {
        let digits = if place == 0 {
            rest
        } else {
            match rest.strip_prefix('.') {
                Some(digits) => digits,
                None => break,
            }
        };
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let (digits, behind) = digits.split_at(end.unwrap_or(digits.len()));
        if digits.is_empty() {
            break;
        }
        is_too_large |= number(digits).is_none();
        *slot = number(digits).unwrap_or(NUMBER_MAX);
        rest = behind;
    }
    let epoch = epoch.unwrap_or(NUMBER_MAX / EPOCH).min(NUMBER_MAX / EPOCH);
    let [major, minor, patch] = numbers;
    // A `v` says nothing; a word without a number is all that there is.
    let kept = match start {
        None => before,
        Some(_) => rest,
    };
    let build = build(kept);
    let lost = if start.is_none() {
        Some("it has no number".to_owned())
    } else if is_too_large {
        Some("a number in it is too large".to_owned())
    } else if epoch > 0 {
        Some(format!("an epoch counts {EPOCH} in the first number"))
    } else if !build.is_empty() || !kept.is_empty() {
        Some("only the first three numbers are compared".to_owned())
    } else {
        None
    };
    let version = Version {
        major: epoch
            .saturating_mul(EPOCH)
            .saturating_add(major)
            .min(NUMBER_MAX),
        minor,
        patch,
        pre: Prerelease::EMPTY,
        build,
    };
    (version, lost)
}

/// The largest number in a version. Requirements on the next one can still be written.
const NUMBER_MAX: u64 = u64::MAX / 2;

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|number| *number <= NUMBER_MAX)
}

fn build(text: &str) -> BuildMetadata {
    let plain = text.chars().take(REST_CHARS_MAX).map(|c| match c {
        c if c.is_ascii_alphanumeric() => c,
        '.' => '.',
        _ => '-',
    });
    let plain: String = plain.collect();
    let parts: Vec<&str> = plain
        .split('.')
        .map(|part| part.trim_matches('-'))
        .filter(|part| !part.is_empty())
        .collect();
    BuildMetadata::new(&parts.join(".")).unwrap_or(BuildMetadata::EMPTY)
}

/// A comparison with a version.
pub(super) fn compare(op: Op, version: &Version) -> Comparator {
    Comparator {
        op,
        major: version.major,
        minor: Some(version.minor),
        patch: Some(version.patch),
        pre: Prerelease::EMPTY,
    }
}

/// The versions of a game from the first to the last that is named. `1.12` means all that begin so; what does not
/// begin with a number means nothing.
pub(super) fn span(min: Option<&str>, max: Option<&str>) -> Vec<Comparator> {
    let is_version = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit());
    let (min, max) = (min.filter(is_version), max.filter(is_version));
    if let Some(only) = min.filter(|min| max == Some(min) && min.split('.').count() > 2) {
        return vec![compare(Op::Exact, &version(only).0)];
    }
    let least = min.map(|min| compare(Op::GreaterEq, &version(min).0));
    let most = max.map(|max| {
        let mut version = version(max).0;
        match max.split('.').count() {
            1 => {
                version.major += 1;
                compare(Op::Less, &version)
            }
            2 => {
                version.minor += 1;
                compare(Op::Less, &version)
            }
            _ => compare(Op::LessEq, &version),
        }
    });
    least.into_iter().chain(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str, is_lossless: bool) {
        let (version, lost) = version(text);
        assert_eq!(version.to_string(), expected, "{text}");
        assert_eq!(lost.is_none(), is_lossless, "{text}: {lost:?}");
        assert_eq!(expected.parse().ok(), Some(version), "{text}");
    }

    #[test]
    fn three_numbers_are_taken_as_they_are_and_missing_ones_are_zero() {
        check("1.2.3", "1.2.3", true);
        check("0.01.002", "0.1.2", true);
        check("1", "1.0.0", true);
        check("v2.1", "2.1.0", true);
        check(" 1.2 ", "1.2.0", true);
    }

    #[test]
    fn what_is_behind_the_numbers_is_kept_where_nothing_compares_it() {
        check("1.2.3.4", "1.2.3+4", false);
        check("1.2b", "1.2.0+b", false);
        check("1.0-beta.2", "1.0.0+beta.2", false);
        check("1..2", "1.0.0+2", false);
        check("Release", "0.0.0+Release", false);
        check("1.0 (ä)", "1.0.0", false);
        check("", "0.0.0", false);
    }

    #[test]
    fn an_epoch_goes_before_every_number() {
        check("1:2.0", "100000002.0.0", false);
        let newest_before = version("20190324").0;
        assert!(version("1:0.1").0 > newest_before);
    }

    #[test]
    fn numbers_without_end_are_the_largest() {
        let long = "9".repeat(100_000);
        check(&long, "9223372036854775807.0.0", false);
        check(&format!("{long}:1"), "9223372036800000001.0.0", false);
        check(
            "18446744073709551615:1.18446744073709551616",
            "9223372036800000001.9223372036854775807.0",
            false,
        );
    }

    #[test]
    fn two_numbers_mean_every_version_that_begins_so() {
        let span = |min, max| {
            semver::VersionReq {
                comparators: span(min, max),
            }
            .to_string()
        };
        assert_eq!(span(Some("1.8"), Some("1.12")), ">=1.8.0, <1.13.0");
        assert_eq!(span(None, Some("1.12.5")), "<=1.12.5");
        assert_eq!(span(Some("2"), Some("2")), ">=2.0.0, <3.0.0");
        assert_eq!(span(Some("1.0.3"), Some("1.0.3")), "=1.0.3");
        assert_eq!(span(Some("new"), Some("2.0")), "<2.1.0");
    }
}
