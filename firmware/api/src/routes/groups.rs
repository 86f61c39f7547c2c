//! Groups of users and their operator right (`features.md` U7).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use huddle_core::access::Action;
use huddle_core::account::{Group, check_name};
use huddle_core::ids::{GroupId, UserId};
use huddle_core::state::{BoxState, Ctx, GroupChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::act::{Asker, View};
use crate::body::Sent;
use crate::dto::{MessageBody, Pagination};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::{NameQuery, PageQuery, SortKey, Wish, page, sort_field};

const MANAGE: Action = Action::ManageGroups;

/// A group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupBody {
    /// `gr-…`.
    group_id: String,
    /// 1–50 characters.
    name: String,
    /// Its members have the owner's powers in every meeting on this box.
    operator: bool,
    /// `userId` of everybody in it.
    members: Vec<String>,
    /// Milliseconds since 1970.
    creation_date: u64,
}

impl From<&Group> for GroupBody {
    fn from(group: &Group) -> Self {
        Self {
            group_id: group.group_id.to_string(),
            name: group.name.clone(),
            operator: group.operator,
            members: group.members.iter().map(ToString::to_string).collect(),
            creation_date: group.creation_date.0,
        }
    }
}

/// A group to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewGroupBody {
    /// 1–50 characters, unlike any other group's.
    #[schema(min_length = 1, max_length = 50)]
    name: String,
    /// Owner's powers in every meeting.
    #[serde(default)]
    operator: bool,
    /// `userId` of everybody in it.
    #[serde(default)]
    members: Vec<String>,
}

/// What is to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct GroupPatch {
    /// 1–50 characters, unlike any other group's.
    #[schema(min_length = 1, max_length = 50)]
    name: Option<String>,
    /// Owner's powers in every meeting.
    operator: Option<bool>,
    /// `userId` of everybody in it.
    members: Option<Vec<String>>,
}

impl GroupPatch {
    fn change(self) -> Result<GroupChange, ApiError> {
        let name = self.name.map(|name| check_name(&name)).transpose();
        let members: Option<BTreeSet<UserId>> =
            self.members.map(|ids| ids.into_iter().map(UserId::from).collect());
        Ok(GroupChange {
            name: name.map_err(|e| ApiError::field("name", e.to_string()))?,
            operator: self.operator,
            members,
        })
    }
}

/// A page of groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupsBody {
    groups: Vec<GroupBody>,
    pagination: Pagination,
}

/// Groups, by name.
#[utoipa::path(get, path = "/groups", operation_id = "getGroups", tag = "groups", params(NameQuery, PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(name|creationDate)$", description = "Which field.")),
    responses((status = 200, body = GroupsBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    name: Result<Query<NameQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<GroupsBody>, ApiError> {
    let (Query(name), Query(paging)) = (name?, paging?);
    let mut search = name.search()?;
    let by_date = sort_field(&paging, &["name", "creationDate"])? == "creationDate";
    let list = move |view: &View| {
        search.begin();
        let fits = |group: &&Group| search.fits(&group.name);
        let paged = page(view.tables.groups.values().filter(fits), &paging, |group| {
            let key =
                if by_date { SortKey::Number(group.creation_date.0) } else { SortKey::text(&group.name) };
            (key, group.group_id.as_str())
        })?;
        search.end("name")?;
        let groups = paged.items.into_iter().map(GroupBody::from).collect();
        Ok(GroupsBody { groups, pagination: paged.pagination })
    };
    asker.look(&app, Action::ReadGroups, list).await.map(Json)
}

/// Makes a group.
#[utoipa::path(post, path = "/groups", operation_id = "createGroup", tag = "groups", request_body = NewGroupBody,
    responses((status = 201, body = GroupBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
    body: Sent<NewGroupBody>,
) -> Result<Tagged<GroupBody>, ApiError> {
    let change = |NewGroupBody { name, operator, members }| {
        GroupPatch { name: Some(name), operator: Some(operator), members: Some(members) }.change()
    };
    let create = |state: &mut BoxState, ctx: &mut Ctx<'_>, change| state.create_group(change, ctx);
    let group = asker.edit(&app, MANAGE, body, change, create).await?;
    Ok(Tagged::new(&group).created(format!("{}/api/v1/groups/{}", wish.base, group.group_id)))
}

/// One group.
#[utoipa::path(get, path = "/groups/{groupId}", operation_id = "getGroup", tag = "groups",
    params(("groupId" = String, Path)),
    responses((status = 200, body = GroupBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<GroupId>,
) -> Result<Tagged<GroupBody>, ApiError> {
    let read = asker.act(&app, Action::ReadGroups, move |state, _| state.group(&id).cloned());
    Ok(Tagged::new(&read.await?))
}

/// Changes a group; running meetings follow at once.
#[utoipa::path(patch, path = "/groups/{groupId}", operation_id = "updateGroup", tag = "groups",
    params(("groupId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = GroupPatch,
    responses((status = 200, body = GroupBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn update(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<GroupId>,
    body: Sent<GroupPatch>,
) -> Result<Tagged<GroupBody>, ApiError> {
    let update = move |state: &mut BoxState, ctx: &mut Ctx<'_>, change| {
        if_match.check(state.group(&id)?)?;
        state.change_group(&id, change, ctx)
    };
    Ok(Tagged::new(&asker.edit(&app, MANAGE, body, GroupPatch::change, update).await?))
}

/// Deletes a group; its members stay users.
#[utoipa::path(delete, path = "/groups/{groupId}", operation_id = "deleteGroup", tag = "groups",
    params(("groupId" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<GroupId>,
) -> Result<Json<MessageBody>, ApiError> {
    let text = format!("Group '{id}' deleted successfully");
    let delete = asker.act(&app, MANAGE, move |state, ctx| {
        if_match.check(state.group(&id)?)?;
        state.delete_group(&id, ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(text)))
}
