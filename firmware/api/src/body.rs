//! JSON bodies of requests: looked at when the caller is known, and read as the document has them.
//! What is an object there comes as an object: `serde` alone would also take a list of its values.

use std::convert::Infallible;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use crate::error::{ApiError, unsupported_type};

/// A body as it came. Whether it is any good is asked after the caller was judged.
pub(crate) struct Sent<T>(Result<Option<T>, ApiError>);

impl<T> Sent<T> {
    /// The body, or 400, 413, 415 or 422.
    pub(crate) fn read(self) -> Result<T, ApiError> {
        self.0?.ok_or_else(unsupported_type)
    }

    /// The same of one that may be left out.
    pub(crate) fn if_any(self) -> Result<Option<T>, ApiError> {
        self.0
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        Ok(Self(read(request, state).await))
    }
}

async fn read<T, S>(request: Request, state: &S) -> Result<Option<T>, ApiError>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    let (parts, body) = request.into_parts();
    let all = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
    let all = whole(all.map_err(JsonRejection::from)?);
    let request = Request::from_parts(parts, Body::from(all.clone()));
    let body = <Json<T> as OptionalFromRequest<S>>::from_request(request, state).await;
    // Without a list in it, none can stand where an object should.
    let judged = !matches!(body, Ok(None)) && all.contains(&b'[');
    if judged && let Some(refused) = list_for_object::<T>(&all) {
        return Err(refused);
    }
    Ok(body?.map(|Json(body)| body))
}

/// The body with `5.0` as `5`: to JSON Schema both are integers, to `serde` only the second.
fn whole(all: Bytes) -> Bytes {
    if !all.contains(&b'.') {
        return all;
    }
    let Ok(mut value) = serde_json::from_slice(&all) else { return all };
    make_whole(&mut value);
    serde_json::to_vec(&value).map_or(all, Bytes::from)
}

fn make_whole(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(fields) => fields.values_mut().for_each(make_whole),
        Value::Number(number) => {
            // As text: a float of this size has no digit behind the point that is not 0.
            let float = number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0);
            let text = float.map(|n| format!("{n:.0}"));
            if let Some(whole) = text.and_then(|text| text.parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// 422 if a list stands where an object should.
fn list_for_object<T: DeserializeOwned>(all: &[u8]) -> Option<ApiError> {
    let value = serde_json::from_slice(all).ok()?;
    let text = T::deserialize(Strict { value, path: String::new() }).err()?.to_string();
    let (field, message) = text.split_once(": ").filter(|(_, message)| *message == LIST_FOR_OBJECT)?;
    Some(ApiError::field(if field.is_empty() { "body" } else { field }, message))
}

const LIST_FOR_OBJECT: &str = "invalid type: sequence, expected an object";

/// A JSON value that gives a structure nothing but an object.
struct Strict {
    value: Value,
    /// Where it stands: names joined with dots.
    path: String,
}

impl Strict {
    fn child(&self, name: &str, value: Value) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { value, path }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Strict {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Strict {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.value.take() {
            Value::Object(map) => {
                let entries = map.into_iter().map(|(name, value)| {
                    let child = self.child(&name, value);
                    (name, child)
                });
                visitor.visit_map(MapDeserializer::new(entries))
            }
            Value::Array(list) => {
                let items = list.into_iter().enumerate();
                let items = items.map(|(place, value)| self.child(&place.to_string(), value));
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                plain.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.value.is_array() {
            return Err(Error::custom(format!("{}: {LIST_FOR_OBJECT}", self.path)));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.value.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Inner {
        #[serde(rename = "on")]
        _on: bool,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Option<Inner>,
        #[serde(rename = "names")]
        _names: Option<Vec<String>>,
        #[serde(rename = "all")]
        _all: Option<Vec<Inner>>,
    }

    #[test]
    fn a_float_without_a_fraction_is_an_integer() {
        let body = r#"{"a":[5.0,2.5,-3.0,7],"b":{"c":1e300,"d":"5.0"},"e":9007199254740993}"#;
        let read: Value = serde_json::from_slice(&whole(body.into())).unwrap();
        assert_eq!(read["a"], serde_json::json!([5, 2.5, -3, 7]));
        assert_eq!(read["b"], serde_json::json!({ "c": 1e300, "d": "5.0" }));
        assert_eq!(read["e"], 9_007_199_254_740_993_u64);
    }

    #[test]
    fn a_list_is_no_object_at_any_depth_and_a_list_where_it_belongs_is_one() {
        let good = [r#"{"names":["a"],"inner":null}"#, r#"{"all":[{"on":true}],"inner":{"on":true}}"#];
        for text in good {
            assert!(list_for_object::<Outer>(text.as_bytes()).is_none(), "{text}");
        }
        let bad = [
            ("[null,null,null]", "body"),
            (r#"{"inner":[true]}"#, "inner"),
            (r#"{"all":[{"on":true},[true]]}"#, "all.1"),
        ];
        for (text, field) in bad {
            let body = list_for_object::<Outer>(text.as_bytes()).unwrap().into_body();
            assert_eq!(body.details.first().map(|d| d.field.as_str()), Some(field), "{text}");
        }
    }
}
