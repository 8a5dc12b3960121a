//! When people work: days off, shifts, and the shape of a day.

use super::dice::Dice;

/// Days on which the organisation is closed.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    holidays: Vec<u32>,
}

/// When somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    /// Monday to Friday.
    Office,
    /// From six, from two or from ten at night, changing each week, any five days.
    Rotating(u8),
    /// Every day of the week, some days off.
    Any,
}

impl Calendar {
    /// About one holiday in three weeks, never a weekend.
    pub(super) fn new(days: u32, dice: &mut Dice) -> Self {
        let mut holidays = Vec::new();
        for week in 0..=days / 7 {
            if dice.chance(0.35) {
                let weekday = u32::try_from(dice.below(5)).unwrap_or_default();
                holidays.push(week * 7 + weekday);
            }
        }
        Self { holidays }
    }

    pub(super) fn is_holiday(&self, day: u32) -> bool {
        self.holidays.contains(&day)
    }

    /// The hours from and to which somebody works on a day, if they do.
    pub(super) fn hours(&self, shift: Shift, day: u32, dice: &mut Dice) -> Option<(f64, f64)> {
        let closed = self.is_holiday(day) || 5 <= day % 7;
        let (works, from, length) = match shift {
            Shift::Office if closed => (dice.chance(0.015), 10.0, 3.0),
            Shift::Office => (dice.chance(0.90), 8.4, 8.6),
            Shift::Rotating(crew) => {
                let turn = (day / 7 + u32::from(crew)) % 3;
                let from = [6.0, 14.0, 22.0].get(turn as usize).copied().unwrap_or(6.0);
                (dice.chance(0.71), from, 8.0)
            }
            Shift::Any => (dice.chance(0.66), 9.0, 8.5),
        };
        let from = dice.bell(from, if shift == Shift::Office { 0.7 } else { 0.15 });
        let to = from + dice.bell(length, 0.8).max(1.0);
        works.then_some((from.max(0.0), to))
    }
}

/// How busy an office is at an hour of the day, 1 at its busiest.
pub(super) fn busy(hour: f64) -> f64 {
    let hour = hour.rem_euclid(24.0);
    let peak = |at: f64, wide: f64| (-(hour - at).powi(2) / (2.0 * wide * wide)).exp();
    (peak(10.3, 1.5) + 0.9 * peak(14.8, 1.7) - 0.35 * peak(12.4, 0.5)).clamp(0.12, 1.0)
}
