//! [`Lists`]: many short lists in one.

/// Many short lists in one: their items stand one list behind the other.
pub(super) struct Lists<T = usize> {
    /// Where each list begins; two more at the end.
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T: Copy> Lists<T> {
    /// `count` lists of pairs of list and item, which are asked for twice.
    pub(super) fn new<P: Iterator<Item = (usize, T)>>(
        count: usize,
        pairs: impl Fn() -> P,
    ) -> Lists<T> {
        // While they are filled, each list has its end where the next one's beginning will be.
        let mut starts = vec![0; count + 2];
        let counted = pairs().inspect(|(list, _)| starts[list + 2] += 1);
        // As many as there will be, not yet at their places.
        let mut items: Vec<T> = counted.map(|(_, item)| item).collect();
        for list in 2..starts.len() {
            starts[list] += starts[list - 1];
        }
        for (list, item) in pairs() {
            let end = &mut starts[list + 1];
            items[*end] = item;
            *end += 1;
        }
        Lists { starts, items }
    }

    /// How many lists there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 2
    }

    /// The items of a list, in the order of the pairs.
    pub(super) fn of(&self, list: usize) -> &[T] {
        &self.items[self.starts[list]..self.starts[list + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_its_items_in_their_order() {
        let pairs = [(2, 5), (0, 1), (2, 4), (2, 5)];
        let lists = Lists::new(4, || pairs.into_iter());
        let all: Vec<&[usize]> = (0..4).map(|list| lists.of(list)).collect();
        assert_eq!(all, [&[1][..], &[], &[5, 4, 5], &[]]);
    }
}
