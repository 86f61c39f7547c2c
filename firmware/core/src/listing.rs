//! Text filters of lists (reference openvidu-meet §1.4).

/// How a text filter compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchMode {
    /// The whole text.
    #[default]
    Exact,
    /// Its beginning.
    Prefix,
    /// Any part.
    Partial,
    /// A regular expression.
    Regex,
}

/// A text filter. Regular expressions are bounded: at most 200 characters, compiled to at most
/// 256 KiB, matched in time linear in the text.
#[derive(Clone, Debug)]
pub struct TextFilter {
    case_insensitive: bool,
    looks_for: Pattern,
}

#[derive(Clone, Debug)]
enum Pattern {
    Exact(String),
    Prefix(String),
    Partial(String),
    Regex(regex::Regex),
}

/// The expression is not one, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid regular expression pattern")]
pub struct BadPattern;

impl TextFilter {
    /// A filter that looks for `wanted`.
    pub fn new(wanted: &str, mode: MatchMode, case_insensitive: bool) -> Result<Self, BadPattern> {
        let text = if case_insensitive { wanted.to_lowercase() } else { wanted.to_owned() };
        let looks_for = match mode {
            MatchMode::Exact => Pattern::Exact(text),
            MatchMode::Prefix => Pattern::Prefix(text),
            MatchMode::Partial => Pattern::Partial(text),
            MatchMode::Regex if wanted.chars().count() > 200 => return Err(BadPattern),
            MatchMode::Regex => {
                let mut builder = regex::RegexBuilder::new(wanted);
                builder.case_insensitive(case_insensitive).size_limit(256 << 10);
                Pattern::Regex(builder.build().map_err(|_| BadPattern)?)
            }
        };
        Ok(Self { case_insensitive, looks_for })
    }

    /// Takes longer than comparing texts does.
    pub const fn is_regex(&self) -> bool {
        matches!(self.looks_for, Pattern::Regex(_))
    }

    /// Does the text pass?
    pub fn fits(&self, text: &str) -> bool {
        match &self.looks_for {
            Pattern::Regex(pattern) => pattern.is_match(text),
            Pattern::Exact(wanted) | Pattern::Prefix(wanted) | Pattern::Partial(wanted)
                if !self.case_insensitive || (text.is_ascii() && wanted.is_ascii()) =>
            {
                self.compare(text, wanted)
            }
            Pattern::Exact(_) | Pattern::Prefix(_) | Pattern::Partial(_) => self.plain(&text.to_lowercase()),
        }
    }

    /// Without making a copy of each text.
    fn compare(&self, text: &str, wanted: &str) -> bool {
        let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
        let same = |part: &[u8]| {
            if self.case_insensitive { part.eq_ignore_ascii_case(wanted) } else { part == wanted }
        };
        match &self.looks_for {
            Pattern::Exact(_) => same(text),
            Pattern::Prefix(_) => text.get(..wanted.len()).is_some_and(same),
            Pattern::Partial(_) => wanted.is_empty() || text.windows(wanted.len()).any(same),
            Pattern::Regex(_) => false,
        }
    }

    fn plain(&self, folded: &str) -> bool {
        match &self.looks_for {
            Pattern::Exact(wanted) => folded == wanted,
            Pattern::Prefix(wanted) => folded.starts_with(wanted.as_str()),
            Pattern::Partial(wanted) => folded.contains(wanted.as_str()),
            Pattern::Regex(_) => false,
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// At most `max_items`.
    pub items: Vec<T>,
    /// There are more; the id of the last item leads to them.
    pub truncated: bool,
}
