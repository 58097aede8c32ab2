use super::*;
use proptest::prelude::*;

fn ordered(bins: &[u8], count: usize) -> BinnedColumn<'_> {
    BinnedColumn {
        bins,
        count,
        ordered: true,
    }
}

const SMALL: Growth = Growth {
    leaves: 8,
    rows: 5,
    gain: 4.0,
};

#[test]
fn a_step_is_found_where_it_is() {
    let bins: Vec<u8> = (0..200).map(|row| (row % 10) as u8).collect();
    let outputs: Vec<f64> = bins.iter().map(|bin| f64::from(*bin >= 7)).collect();
    let noise: Vec<u8> = (0..200).map(|row| (row / 3 % 10) as u8).collect();
    let tree = Tree::fit(&[ordered(&noise, 11), ordered(&bins, 11)], &outputs, &SMALL);
    assert_eq!(tree.leaves(), 2);
    assert_eq!(tree.used(), [1]);
    let leaves = [6, 7].map(|bin| tree.leaf(|_| bin));
    assert_ne!(leaves[0], leaves[1]);
    let conditions = tree.conditions();
    assert_eq!(conditions[leaves[0]][0].set & 0x3ff, 0b00_0111_1111);
    assert_eq!(conditions[leaves[1]][0].set & 0x3ff, 0b11_1000_0000);
}

#[test]
fn categories_are_grouped_by_their_output() {
    let bins: Vec<u8> = (0..200).map(|row| (row % 4) as u8).collect();
    let outputs: Vec<f64> = bins.iter().map(|bin| f64::from(*bin % 2)).collect();
    let column = BinnedColumn {
        bins: &bins,
        count: 6,
        ordered: false,
    };
    let tree = Tree::fit(&[column], &outputs, &SMALL);
    assert_eq!(tree.leaves(), 2);
    let leaf = |bin| tree.leaf(|_| bin);
    assert_eq!(leaf(0), leaf(2));
    assert_eq!(leaf(1), leaf(3));
    assert_ne!(leaf(0), leaf(1));
}

#[test]
fn rows_without_a_value_go_where_they_belong() {
    let bins: Vec<u8> = (0..200).map(|row| (row % 5) as u8).collect();
    let outputs: Vec<f64> = bins
        .iter()
        .map(|bin| f64::from(*bin == 4 || *bin < 2))
        .collect();
    let tree = Tree::fit(&[ordered(&bins, 5)], &outputs, &SMALL);
    let leaf = |bin| tree.leaf(|_| bin);
    assert_eq!(tree.leaves(), 2);
    assert!(leaf(0) == leaf(4) && leaf(2) != leaf(4));
}

#[test]
fn noise_and_too_few_rows_do_not_split() {
    let bins = [0_u8, 1, 2, 3];
    let few = Tree::fit(&[ordered(&bins, 5)], &[0.0, 0.0, 1.0, 1.0], &SMALL);
    assert_eq!(few, Tree::default());
    assert_eq!(Tree::fit(&[], &[1.0; 100], &SMALL), Tree::default());
    let flat = vec![0.1; 200];
    let bins: Vec<u8> = (0..200).map(|row| (row % 4) as u8).collect();
    assert_eq!(Tree::fit(&[ordered(&bins, 5)], &flat, &SMALL).leaves(), 1);
}

#[test]
fn trees_that_no_fit_makes_are_refused() {
    let split = |inside, outside| Node::Split {
        column: 0,
        set: 1,
        inside,
        outside,
    };
    for nodes in [
        vec![],
        vec![split(0, 1)],
        vec![split(1, 2), Node::Leaf(0)],
        vec![split(1, 2), Node::Leaf(0), Node::Leaf(0)],
        vec![split(1, 2), Node::Leaf(0), Node::Leaf(1), Node::Leaf(2)],
        vec![split(1, 2), split(1, 2), Node::Leaf(0)],
    ] {
        assert!(
            Tree {
                nodes: nodes.clone()
            }
            .validate(1)
            .is_err(),
            "{nodes:?}"
        );
    }
    let good = Tree {
        nodes: vec![split(1, 2), Node::Leaf(0), Node::Leaf(1)],
    };
    assert!(good.validate(1).is_ok());
    assert!(good.validate(0).is_err());
}

proptest! {
    #[test]
    fn a_fitted_tree_is_valid_and_covers_every_row_once(
        rows in proptest::collection::vec((0_u8..8, 0_u8..8, -3_i32..3), 10..300),
        leaves in 1_usize..20,
    ) {
        let first: Vec<u8> = rows.iter().map(|row| row.0).collect();
        let second: Vec<u8> = rows.iter().map(|row| row.1).collect();
        let outputs: Vec<f64> = rows.iter().map(|row| f64::from(row.2) + f64::from(row.0 / 3)).collect();
        let growth = Growth { leaves, rows: 4, gain: 0.0 };
        let columns = [ordered(&first, 8), BinnedColumn { bins: &second, count: 8, ordered: false }];
        let tree = Tree::fit(&columns, &outputs, &growth);
        prop_assert!(tree.validate(2).is_ok());
        prop_assert!(tree.leaves() <= leaves.max(1));
        let conditions = tree.conditions();
        let mut counts = vec![0; tree.leaves()];
        for row in &rows {
            let bin = |column| if column == 0 { row.0 } else { row.1 };
            let leaf = tree.leaf(bin);
            counts[leaf] += 1;
            let holds = |conditions: &Vec<Condition>| {
                conditions.iter().all(|one| one.set >> bin(one.column) & 1 == 1)
            };
            prop_assert!(holds(&conditions[leaf]));
            prop_assert_eq!(conditions.iter().filter(|one| holds(one)).count(), 1);
        }
        if tree.leaves() > 1 {
            prop_assert!(counts.iter().all(|count| *count >= 4));
        }
    }
}
