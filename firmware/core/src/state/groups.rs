//! Groups of users; the operator right can only be given to one (`features.md` U7).

use std::collections::BTreeSet;

use super::{BoxState, Change, Ctx, Refusal, Write};
use crate::account::Group;
use crate::ids::{GroupId, UserId};

/// Groups the box keeps at most.
const MOST: usize = 200;

/// What is to change about a group; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct GroupChange {
    /// 1–50 characters, unlike any other group's.
    pub name: Option<String>,
    /// Owner's powers in every meeting.
    pub operator: Option<bool>,
    /// Everybody who is in it.
    pub members: Option<BTreeSet<UserId>>,
}

impl BoxState {
    /// All groups.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.tables.groups.values()
    }

    /// The group.
    pub fn group(&self, id: &GroupId) -> Result<&Group, Refusal> {
        self.tables.groups.get(id).ok_or_else(|| Refusal::GroupNotFound(id.clone()))
    }

    /// Makes a group.
    pub fn create_group(&mut self, change: GroupChange, ctx: &mut Ctx<'_>) -> Result<Group, Refusal> {
        if self.tables.groups.len() >= MOST {
            return Err(Refusal::TooMany(MOST, "groups"));
        }
        let group = Group {
            group_id: GroupId::from(format!("gr-{}", ctx.entropy.alphanumeric(12))),
            name: String::new(),
            operator: false,
            members: BTreeSet::new(),
            creation_date: ctx.now.wall,
            revision: 0,
        };
        let group = self.changed_group(&group, change)?;
        self.write_group(None, Some(group.clone()));
        self.note("group.create", group.group_id.as_str(), describe(&group), ctx);
        self.follow_rights();
        Ok(group)
    }

    /// Changes a group; meetings that run follow at once.
    pub fn change_group(
        &mut self,
        id: &GroupId,
        change: GroupChange,
        ctx: &mut Ctx<'_>,
    ) -> Result<Group, Refusal> {
        let before = self.group(id)?.clone();
        let after = self.changed_group(&before, change)?;
        self.write_group(Some(before), Some(after.clone()));
        self.note("group.change", id.as_str(), describe(&after), ctx);
        self.follow_rights();
        Ok(after)
    }

    /// Deletes a group; its members stay users.
    pub fn delete_group(&mut self, id: &GroupId, ctx: &mut Ctx<'_>) -> Result<(), Refusal> {
        let before = self.group(id)?.clone();
        self.write_group(Some(before), None);
        self.note("group.delete", id.as_str(), "", ctx);
        self.follow_rights();
        Ok(())
    }

    fn changed_group(&self, group: &Group, change: GroupChange) -> Result<Group, Refusal> {
        let name = change.name.unwrap_or_else(|| group.name.clone());
        let same =
            |other: &&Group| other.group_id != group.group_id && other.name.eq_ignore_ascii_case(&name);
        if self.tables.groups.values().any(|other| same(&other)) {
            return Err(Refusal::GroupExists(name));
        }
        let members = change.members.unwrap_or_else(|| group.members.clone());
        if let Some(unknown) = members.iter().find(|id| !self.tables.users.contains_key(id)) {
            return Err(Refusal::UserNotFound(unknown.clone()));
        }
        let operator = change.operator.unwrap_or(group.operator);
        Ok(Group { name, operator, members, revision: group.revision + 1, ..group.clone() })
    }

    pub(super) fn leave_groups(&mut self, user: &UserId) {
        let theirs: Vec<Group> =
            self.tables.groups.values().filter(|g| g.members.contains(user)).cloned().collect();
        for before in theirs {
            let mut after = before.clone();
            after.members.remove(user);
            after.revision += 1;
            self.write_group(Some(before), Some(after));
        }
    }

    fn write_group(&mut self, before: Option<Group>, after: Option<Group>) {
        self.persist(Write::Group(Change { before, after }));
    }
}

fn describe(group: &Group) -> String {
    let operator = if group.operator { ", operator" } else { "" };
    format!("{}: {} members{operator}", group.name, group.members.len())
}
