//! What was measured: a table for people, JSON for programs.

use std::fmt::Write as _;
use std::io::Write as _;

/// One figure.
struct Row {
    name: String,
    value: f64,
    digits: usize,
    unit: &'static str,
    aim: &'static str,
    note: String,
}

/// All figures of a run, in order.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a figure and says it at once; `aim` is empty where there is none.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: f64,
        digits: usize,
        unit: &'static str,
        aim: &'static str,
        note: impl Into<String>,
    ) {
        let name = name.into();
        // Nobody may be looking.
        let _ = writeln!(std::io::stderr(), "{}: {value:.digits$} {unit}", name.trim());
        self.rows.push(Row { name, value, digits, unit, aim, note: note.into() });
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let mut out = format!("{:<width$}  {:>10} {:<10} {:<10} how\n", "figure", "measured", "", "aim");
        for row in &self.rows {
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "{:<width$}  {:>10.*} {:<10} {:<10} {}",
                row.name, row.digits, row.value, row.unit, row.aim, row.note
            );
        }
        out
    }

    /// For programs.
    pub(crate) fn json(&self) -> serde_json::Value {
        let rows = self.rows.iter().map(|row| {
            serde_json::json!({
                "figure": row.name, "value": row.value, "unit": row.unit, "aim": row.aim, "how": row.note,
            })
        });
        serde_json::json!({ "figures": rows.collect::<Vec<_>>() })
    }
}

/// The middle of some values, and the largest.
pub(crate) fn median_and_largest(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or_default();
    (median, values.last().copied().unwrap_or_default())
}
