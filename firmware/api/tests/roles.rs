//! Who may call what (P-b): every endpoint with every kind of caller, against one table. An
//! endpoint of the document that is not in the table fails the test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]
#![allow(dead_code, reason = "each test file uses a part of the kit")]

mod kit;

use std::collections::BTreeSet;

use kit::team::{CALLERS, Team, team};

const TABLE: &str = include_str!("roles.table");

struct Row {
    line: usize,
    method: String,
    path: String,
    body: String,
    codes: Vec<u16>,
}

/// `METHOD path [body] | code code …`; `#` begins a comment.
fn rows() -> Vec<Row> {
    let lines = TABLE.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'));
    lines
        .map(|(number, line)| {
            let (request, codes) = line.rsplit_once('|').expect(line);
            let mut words = request.trim().splitn(3, ' ');
            let mut word = || words.next().unwrap_or_default().trim().to_owned();
            Row {
                line: number + 1,
                method: word(),
                path: word(),
                body: word(),
                codes: codes.split_whitespace().map(|c| c.parse().expect(line)).collect(),
            }
        })
        .collect()
}

fn filled(team: &Team, text: &str) -> String {
    text.replace("{roomId}", &team.room).replace("{external}", &team.external)
}

/// Rows of every fourth line: four tests, so that they share the cores.
async fn compare(quarter: usize) {
    let mut wrong = Vec::new();
    for row in rows().into_iter().skip(quarter).step_by(4) {
        assert_eq!(row.codes.len(), CALLERS.len(), "line {}", row.line);
        for (caller, expected) in CALLERS.iter().zip(&row.codes) {
            // A box of its own: what one caller changes is not what the next one finds.
            let team = team();
            let path = format!("/api/v1{}", filled(&team, &row.path));
            let (status, body) = team.ask(caller, &row.method, &path, &filled(&team, &row.body)).await;
            if status != *expected {
                let text = body["message"].as_str().unwrap_or_default().to_owned();
                wrong.push(format!(
                    "line {}: {} {} as {caller}: {status}, not {expected} ({text})",
                    row.line, row.method, row.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_endpoint_answers_every_kind_of_caller_as_the_table_says_1() {
    compare(0).await;
}

#[tokio::test]
async fn every_endpoint_answers_every_kind_of_caller_as_the_table_says_2() {
    compare(1).await;
}

#[tokio::test]
async fn every_endpoint_answers_every_kind_of_caller_as_the_table_says_3() {
    compare(2).await;
}

#[tokio::test]
async fn every_endpoint_answers_every_kind_of_caller_as_the_table_says_4() {
    compare(3).await;
}

/// What the table does not try, and why.
const ELSEWHERE: &[&str] = &[
    // Streams without an end.
    "GET /box/events",
    "GET /panel/events",
];

#[test]
fn the_table_knows_every_endpoint() {
    let document: serde_json::Value = serde_json::from_str(&huddle_api::document()).unwrap();
    let mut known: BTreeSet<String> = ELSEWHERE.iter().map(|e| (*e).to_owned()).collect();
    let shape = |path: &str| {
        let path = path.split('?').next().unwrap_or_default();
        path.split('/').map(str::to_owned).collect::<Vec<_>>()
    };
    let all: Vec<(String, Vec<String>)> = rows().iter().map(|r| (r.method.clone(), shape(&r.path))).collect();
    let mut missing = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().map(|m| m.to_uppercase()) {
            let parts = shape(path);
            let same = |(m, p): &(String, Vec<String>)| {
                *m == method
                    && p.len() == parts.len()
                    && p.iter().zip(&parts).all(|(a, b)| a == b || b.starts_with('{'))
            };
            let name = format!("{method} {path}");
            if !all.iter().any(same) && !known.remove(&name) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "not in roles.table: {missing:#?}");
}
