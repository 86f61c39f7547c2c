//! API keys (`features.md` U9). The shell makes the key and its digest; here it is only kept.

use super::{BoxState, Change, Ctx, Refusal, Write};
use crate::account::ApiKeyRecord;

/// Keys the box keeps at most.
const MOST: usize = 50;

impl BoxState {
    /// All keys, without anything that could be used.
    pub fn api_keys(&self) -> impl Iterator<Item = &ApiKeyRecord> {
        self.tables.keys.values()
    }

    /// The key with this hex SHA-256.
    pub fn api_key(&self, digest: &str) -> Option<&ApiKeyRecord> {
        self.tables.keys.values().find(|key| key.digest == digest)
    }

    /// Keeps a new key.
    pub fn create_api_key(
        &mut self,
        name: String,
        prefix: String,
        digest: String,
        ctx: &mut Ctx<'_>,
    ) -> Result<ApiKeyRecord, Refusal> {
        if self.tables.keys.len() >= MOST {
            return Err(Refusal::TooMany(MOST, "API keys"));
        }
        let key_id = format!("key-{}", ctx.entropy.alphanumeric(12));
        let key = ApiKeyRecord { key_id, name, prefix, digest, creation_date: ctx.now.wall };
        self.write_key(None, Some(key.clone()));
        self.note("apiKey.create", key.key_id.as_str(), key.name.clone(), ctx);
        Ok(key)
    }

    /// Revokes a key at once.
    pub fn delete_api_key(&mut self, id: &str, ctx: &Ctx<'_>) -> Result<(), Refusal> {
        let before = self.tables.keys.get(id).cloned().ok_or_else(|| Refusal::KeyNotFound(id.to_owned()))?;
        let name = before.name.clone();
        self.write_key(Some(before), None);
        self.note("apiKey.delete", id, name, ctx);
        Ok(())
    }

    /// Revokes all keys; how many there were.
    pub fn delete_api_keys(&mut self, ctx: &Ctx<'_>) -> usize {
        let ids: Vec<String> = self.api_keys().map(|key| key.key_id.clone()).collect();
        ids.iter().filter(|id| self.delete_api_key(id, ctx).is_ok()).count()
    }

    fn write_key(&mut self, before: Option<ApiKeyRecord>, after: Option<ApiKeyRecord>) {
        self.persist(Write::ApiKey(Change { before, after }));
    }
}
