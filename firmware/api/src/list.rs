//! Lists as the contract has them (reference openvidu-meet §1.4): filters, sorting, paging, field
//! selection, bulk answers. What is listed does not matter here.

mod bulk;
mod fields;
mod page;
mod search;

pub(crate) use bulk::{Bulk, ids};
pub(crate) use fields::{Fields, FieldsQuery, Wish};
pub(crate) use page::{PageQuery, SortKey, page, sort_field};
pub(crate) use search::{Flag, MatchModeQuery, NameQuery, Search};
