//! Groups of users and their operator right (`features.md` U7).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use huddle_core::access::Action;
use huddle_core::account::{Group, check_name};
use huddle_core::ids::{GroupId, UserId};
use huddle_core::state::GroupChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::act::{Asker, View};
use crate::dto::{MessageBody, Pagination};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, etag};
use crate::page::{PageQuery, SortKey, page, sort_field};

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
#[utoipa::path(get, path = "/groups", operation_id = "getGroups", tag = "groups", params(PageQuery,
        ("sortField" = Option<String>, Query, pattern = "^(name|creationDate)$", description = "Which field.")),
    responses((status = 200, body = GroupsBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<GroupsBody>, ApiError> {
    let Query(paging) = paging?;
    let by_date = sort_field(&paging, &["name", "creationDate"])? == "creationDate";
    let list = move |view: &View| {
        let paged = page(view.tables.groups.values(), &paging, |group| {
            let key =
                if by_date { SortKey::Number(group.creation_date.0) } else { SortKey::text(&group.name) };
            (key, group.group_id.as_str())
        })?;
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
    body: Result<Json<NewGroupBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may(&app, Action::ManageGroups).await?;
    let Json(body) = body?;
    let patch =
        GroupPatch { name: Some(body.name), operator: Some(body.operator), members: Some(body.members) };
    let change = patch.change()?;
    let made = asker.act(&app, Action::ManageGroups, move |state, ctx| state.create_group(change, ctx));
    let group = made.await?;
    Ok((StatusCode::CREATED, etag(group.revision), Json(GroupBody::from(&group))).into_response())
}

/// One group.
#[utoipa::path(get, path = "/groups/{groupId}", operation_id = "getGroup", tag = "groups",
    params(("groupId" = String, Path)),
    responses((status = 200, body = GroupBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = GroupId::from(id);
    let group = asker.act(&app, Action::ReadGroups, move |state, _| state.group(&id).cloned()).await?;
    Ok((etag(group.revision), Json(GroupBody::from(&group))).into_response())
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
    Path(id): Path<String>,
    body: Result<Json<GroupPatch>, JsonRejection>,
) -> Result<Response, ApiError> {
    asker.may(&app, Action::ManageGroups).await?;
    let Json(body) = body?;
    let (id, change) = (GroupId::from(id), body.change()?);
    let changed = asker.act(&app, Action::ManageGroups, move |state, ctx| {
        if_match.check(state.group(&id)?.revision)?;
        state.change_group(&id, change, ctx)
    });
    let group = changed.await?;
    Ok((etag(group.revision), Json(GroupBody::from(&group))).into_response())
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
    Path(id): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    let group = GroupId::from(id.as_str());
    let delete = asker.act(&app, Action::ManageGroups, move |state, ctx| {
        if_match.check(state.group(&group)?.revision)?;
        state.delete_group(&group, ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(format!("Group '{id}' deleted successfully"))))
}
