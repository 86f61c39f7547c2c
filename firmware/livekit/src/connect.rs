//! What a client brings to `/rtc` (query parameters) and `/rtc/v1` (a wrapped, perhaps gzipped
//! `JoinRequest`), checked and bounded (reference livekit §1.1).

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::GzDecoder;
use huddle_core::ids::ParticipantSid;
use livekit_protocol as proto;
use prost::Message;

use crate::admission::{Connect, Resume, SignalMode};
use crate::session::limits::METADATA;

/// Largest inflated `JoinRequest`, in bytes.
const MAX_JOIN_REQUEST: u64 = 1_024 * 1_024;

/// URL-safe or standard alphabet, padded or not: clients differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why a connect request is refused (HTTP 400). The text is fit for the client's developer.
#[derive(Debug, thiserror::Error)]
pub enum BadConnect {
    /// `/rtc/v1` without `join_request`.
    #[error("join_request is missing")]
    Missing,
    /// Not base64url.
    #[error("join_request is not base64url")]
    NotBase64,
    /// Not a protobuf message of that kind.
    #[error("join_request is not a valid message")]
    NotProtobuf,
    /// Gzip broken or inflating to more than 1 MiB.
    #[error("join_request cannot be inflated, or is larger than 1 MiB")]
    Inflate,
    /// `reconnect=1` without a session.
    #[error("a reconnect needs the participant's sid")]
    NoSid,
    /// Metadata and attributes beyond [`METADATA`].
    #[error("metadata or attributes are too large")]
    Attributes,
}

/// A connect request, and what it says of the participant itself.
#[derive(Clone, Debug)]
pub struct Connection {
    /// For the SFU.
    pub connect: Connect,
    /// Overrides the token's metadata, where the token allows it.
    pub metadata: Option<String>,
    /// Added to the token's attributes, where the token allows it.
    pub attributes: BTreeMap<String, String>,
}

/// Reads the query of `/rtc` or `/rtc/v1`. A `join_request` on `/rtc` also means one peer
/// connection.
pub fn read(mode: SignalMode, query: &[(String, String)]) -> Result<Connection, BadConnect> {
    let get = |name: &str| query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    match (mode, get("join_request")) {
        (_, Some(wrapped)) if !wrapped.is_empty() => from_join_request(&unwrap(wrapped)?),
        (SignalMode::SinglePc, _) => Err(BadConnect::Missing),
        (SignalMode::DualPc, _) => from_query(&get),
    }
}

fn unwrap(text: &str) -> Result<proto::JoinRequest, BadConnect> {
    let url_safe = text.trim().replace('+', "-").replace('/', "_");
    let bytes = BASE64.decode(url_safe).map_err(|_| BadConnect::NotBase64)?;
    let wrapped = proto::WrappedJoinRequest::decode(bytes.as_slice()).map_err(|_| BadConnect::NotProtobuf)?;
    let gzip = proto::wrapped_join_request::Compression::Gzip as i32;
    let plain =
        if wrapped.compression == gzip { inflate(&wrapped.join_request)? } else { wrapped.join_request };
    proto::JoinRequest::decode(plain.as_slice()).map_err(|_| BadConnect::NotProtobuf)
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, BadConnect> {
    let mut out = Vec::new();
    let mut reader = GzDecoder::new(bytes).take(MAX_JOIN_REQUEST + 1);
    reader.read_to_end(&mut out).map_err(|_| BadConnect::Inflate)?;
    let fits = u64::try_from(out.len()).is_ok_and(|len| len <= MAX_JOIN_REQUEST);
    if fits { Ok(out) } else { Err(BadConnect::Inflate) }
}

fn from_join_request(join: &proto::JoinRequest) -> Result<Connection, BadConnect> {
    let settings = join.connection_settings.unwrap_or_default();
    let resume = resume(join.reconnect, &join.participant_sid, join.reconnect_reason)?;
    let attributes: BTreeMap<_, _> = join.participant_attributes.clone().into_iter().collect();
    check_size(&join.metadata, &attributes)?;
    Ok(Connection {
        connect: Connect {
            mode: SignalMode::SinglePc,
            client: join.client_info.clone().unwrap_or_default(),
            auto_subscribe: settings.auto_subscribe,
            adaptive_stream: settings.adaptive_stream,
            resume,
            publisher_offer: join.publisher_offer.clone(),
            add_tracks: join.add_track_requests.clone(),
            sync_state: join.sync_state.clone(),
        },
        metadata: Some(join.metadata.clone()).filter(|m| !m.is_empty()),
        attributes,
    })
}

fn from_query<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> Result<Connection, BadConnect> {
    let flag = |name: &str, unset: bool| match get(name) {
        None | Some("") => unset,
        Some(text) => matches!(text, "1" | "true"),
    };
    let reason = get("reconnect_reason").and_then(|r| r.parse().ok()).unwrap_or(0);
    let resume = resume(flag("reconnect", false), get("sid").unwrap_or_default(), reason)?;
    let attributes = get("attributes").map(read_attributes).transpose()?.unwrap_or_default();
    Ok(Connection {
        connect: Connect {
            mode: SignalMode::DualPc,
            client: client_info(get),
            auto_subscribe: flag("auto_subscribe", true),
            adaptive_stream: flag("adaptive_stream", false),
            resume,
            publisher_offer: None,
            add_tracks: Vec::new(),
            sync_state: None,
        },
        metadata: None,
        attributes,
    })
}

fn resume(reconnect: bool, sid: &str, reason: i32) -> Result<Option<Resume>, BadConnect> {
    match (reconnect, sid) {
        (false, _) => Ok(None),
        (true, "") => Err(BadConnect::NoSid),
        (true, sid) => Ok(Some(Resume { sid: ParticipantSid::from(sid), reason })),
    }
}

fn read_attributes(text: &str) -> Result<BTreeMap<String, String>, BadConnect> {
    let bytes =
        BASE64.decode(text.replace('+', "-").replace('/', "_")).map_err(|_| BadConnect::Attributes)?;
    let attributes = serde_json::from_slice(&bytes).map_err(|_| BadConnect::Attributes)?;
    check_size("", &attributes)?;
    Ok(attributes)
}

fn check_size(metadata: &str, attributes: &BTreeMap<String, String>) -> Result<(), BadConnect> {
    let size: usize = attributes.iter().map(|(k, v)| k.len() + v.len()).sum();
    if metadata.len() + size > METADATA { Err(BadConnect::Attributes) } else { Ok(()) }
}

fn client_info<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> proto::ClientInfo {
    let text = |name: &str| get(name).unwrap_or_default().chars().take(128).collect::<String>();
    let number = |name: &str| get(name).and_then(|n| n.parse().ok()).unwrap_or(0);
    let capabilities = text("capabilities");
    proto::ClientInfo {
        sdk: sdk(&text("sdk")),
        version: text("version"),
        protocol: number("protocol"),
        os: text("os"),
        os_version: text("os_version"),
        device_model: text("device_model"),
        browser: text("browser"),
        browser_version: text("browser_version"),
        network: text("network"),
        other_sdks: text("other_sdks"),
        client_protocol: number("client_protocol"),
        capabilities: capabilities
            .split(',')
            .filter_map(proto::client_info::Capability::from_str_name)
            .map(|c| c as i32)
            .collect(),
        ..proto::ClientInfo::default()
    }
}

fn sdk(name: &str) -> i32 {
    use proto::client_info::Sdk;
    let name = if name == "ios" { "SWIFT".to_owned() } else { name.to_ascii_uppercase() };
    let name = if name == "REACTNATIVE" { "REACT_NATIVE".to_owned() } else { name };
    let name = if name == "UNITYWEB" { "UNITY_WEB".to_owned() } else { name };
    Sdk::from_str_name(&name).unwrap_or(Sdk::Unknown) as i32
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn wrapped(join: &proto::JoinRequest, gzip: bool) -> String {
        let plain = join.encode_to_vec();
        let (compression, join_request) = if gzip {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&plain).unwrap();
            (1, encoder.finish().unwrap())
        } else {
            (0, plain)
        };
        BASE64.encode(proto::WrappedJoinRequest { compression, join_request }.encode_to_vec())
    }

    #[test]
    fn a_v0_query_is_read() {
        let query = pairs(&[
            ("sdk", "js"),
            ("protocol", "17"),
            ("auto_subscribe", "0"),
            ("reconnect", "1"),
            ("sid", "PA_x"),
        ]);
        let read = read(SignalMode::DualPc, &query).unwrap();
        assert_eq!(read.connect.client.sdk, 1);
        assert_eq!(read.connect.client.protocol, 17);
        assert!(!read.connect.auto_subscribe);
        assert_eq!(read.connect.resume.unwrap().sid.as_str(), "PA_x");
    }

    #[test]
    fn a_v1_join_request_is_read_plain_and_gzipped() {
        let join = proto::JoinRequest {
            metadata: "hello".into(),
            connection_settings: Some(proto::ConnectionSettings {
                auto_subscribe: true,
                ..Default::default()
            }),
            ..Default::default()
        };
        for gzip in [false, true] {
            let query = pairs(&[("join_request", &wrapped(&join, gzip))]);
            let read = read(SignalMode::SinglePc, &query).unwrap();
            assert_eq!(read.metadata.as_deref(), Some("hello"));
            assert!(read.connect.auto_subscribe);
        }
    }

    #[test]
    fn bad_connect_requests_are_refused() {
        assert!(read(SignalMode::SinglePc, &[]).is_err());
        let bad = ["!!!", "AAAA", "CAESBAAAAAA="];
        for text in bad {
            assert!(read(SignalMode::SinglePc, &pairs(&[("join_request", text)])).is_err());
        }
        assert!(read(SignalMode::DualPc, &pairs(&[("reconnect", "1")])).is_err());
        let bomb = proto::JoinRequest { metadata: "x".repeat(2_000_000), ..Default::default() };
        let query = pairs(&[("join_request", &wrapped(&bomb, true))]);
        assert!(matches!(read(SignalMode::SinglePc, &query), Err(BadConnect::Inflate)));
    }
}
