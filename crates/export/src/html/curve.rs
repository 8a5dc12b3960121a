//! Paths of lines, and labels on them that do not cover each other.

use super::picture::WIDTH;

/// A smooth path through the points, and the places on it where a label may stand, the best first.
/// The arrow is at its end, or at its beginning if `is_backward`.
pub(super) fn curve(points: &[(i64, i64)], is_backward: bool) -> Option<Curve> {
    let (first, rest) = points.split_first()?;
    let last = rest.last()?;
    if first.0 == last.0 {
        return Some(arc(*first, *last));
    }
    let (start, end) = if is_backward { (TIP, 0) } else { (0, TIP) };
    let (mut x, mut y) = (first.0 + WIDTH / 2 + start, first.1);
    let mut path = format!("M{x} {y}");
    let mut pieces = Vec::new();
    for (place, next) in (1..).zip(rest) {
        let enter = next.0 - WIDTH / 2 - if place == rest.len() { end } else { 0 };
        let middle = i64::midpoint(x, enter);
        let bend = [(x, y), (middle, y), (middle, next.1), (enter, next.1)];
        path.push_str(&cubic(&bend));
        pieces.push(bend);
        (x, y) = (enter, next.1);
        if place < rest.len() {
            let thirds = [0, 1, 2, 3].map(|third| (x + WIDTH * third / 3, y));
            pieces.push(thirds);
            x = next.0 + WIDTH / 2;
            path.push_str(&format!(" L{x} {y}"));
        }
    }
    Some(Curve {
        path,
        spots: spots(&pieces),
    })
}

/// A path as SVG writes it, and places on it.
pub(super) struct Curve {
    pub(super) path: String,
    pub(super) spots: Vec<(i64, i64)>,
}

/// Between two of the same column: out to the right and back.
fn arc(first: (i64, i64), last: (i64, i64)) -> Curve {
    let x = first.0 + WIDTH / 2;
    let out = x + OUT * 4 / 3;
    let bend = [
        (x, first.1),
        (out, first.1),
        (out, last.1),
        (x + TIP, last.1),
    ];
    Curve {
        path: format!("M{x} {}{}", first.1, cubic(&bend)),
        spots: spots(&[bend]),
    }
}

fn cubic([_, b, c, d]: &[(i64, i64); 4]) -> String {
    format!(" C{} {} {} {} {} {}", b.0, b.1, c.0, c.1, d.0, d.1)
}

/// The middle of each piece first, then places beside it.
fn spots(pieces: &[[(i64, i64); 4]]) -> Vec<(i64, i64)> {
    [8, 6, 10, 5, 11, 4, 12]
        .into_iter()
        .flat_map(|sixteenths| pieces.iter().map(move |piece| at(piece, sixteenths)))
        .collect()
}

/// The point of a cubic Bézier curve at so many sixteenths (De Casteljau).
fn at(piece: &[(i64, i64); 4], sixteenths: i64) -> (i64, i64) {
    let between = |a: (i64, i64), b: (i64, i64)| {
        (
            a.0 + (b.0 - a.0) * sixteenths / 16,
            a.1 + (b.1 - a.1) * sixteenths / 16,
        )
    };
    let [a, b, c, d] = *piece;
    let (ab, bc, cd) = (between(a, b), between(b, c), between(c, d));
    between(between(ab, bc), between(bc, cd))
}

/// Labels that have their place.
#[derive(Default)]
pub(super) struct Labels(Vec<(i64, i64, i64)>);

impl Labels {
    /// The first free spot for a label of this half width, or one below the first.
    pub(super) fn place(&mut self, spots: &[(i64, i64)], half: i64) -> (i64, i64) {
        let first = spots.first().copied().unwrap_or_default();
        let below = (1..BELOW_MAX).map(|step| (first.0, first.1 + step * HEIGHT));
        let (x, y) = spots
            .iter()
            .copied()
            .chain(below)
            .find(|(x, y)| self.is_free(*x, *y, half))
            .unwrap_or(first);
        self.0.push((x, y, half));
        (x, y)
    }

    fn is_free(&self, x: i64, y: i64, half: i64) -> bool {
        !self.0.iter().any(|(other_x, other_y, other_half)| {
            (x - other_x).abs() < half + other_half + 4 && (y - other_y).abs() < HEIGHT
        })
    }
}

/// How far a line between two of the same column goes out.
pub(super) const OUT: i64 = 32;

/// Length of an arrow's head.
const TIP: i64 = 7;

/// Height of a label and the space around it.
const HEIGHT: i64 = 23;

/// Farther below its line a label says nothing.
const BELOW_MAX: i64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_lines_that_meet_do_not_cover_each_other() {
        let mut labels = Labels::default();
        let places: Vec<_> = (0..6)
            .map(|row| {
                let curve = curve(&[(0, row * 64), (306, 160)], false).unwrap();
                labels.place(&curve.spots, 24)
            })
            .collect();
        for (index, a) in places.iter().enumerate() {
            for b in &places[index + 1..] {
                assert!(
                    52 <= (a.0 - b.0).abs() || HEIGHT <= (a.1 - b.1).abs(),
                    "{a:?} {b:?}"
                );
            }
        }
    }

    #[test]
    fn a_curve_ends_where_its_last_point_is() {
        assert_eq!(at(&[(0, 0), (5, 0), (5, 10), (16, 10)], 16), (16, 10));
        assert_eq!(at(&[(0, 0), (5, 0), (5, 10), (16, 10)], 0), (0, 0));
    }
}
