//! The certificate: the configured one, or one the box makes for itself and keeps.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;

use crate::config::Config;

/// Reads or makes the certificate.
pub(crate) async fn load(config: &Config, addresses: &[IpAddr]) -> anyhow::Result<RustlsConfig> {
    let (certificate, key) = match (&config.web.certificate, &config.web.key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ => own(&config.unit.data.join("tls"), addresses)?,
    };
    RustlsConfig::from_pem_file(&certificate, &key)
        .await
        .with_context(|| format!("the certificate {} cannot be used", certificate.display()))
}

fn own(folder: &Path, addresses: &[IpAddr]) -> anyhow::Result<(PathBuf, PathBuf)> {
    let (certificate, key) = (folder.join("box.crt"), folder.join("box.key"));
    if certificate.exists() && key.exists() {
        return Ok((certificate, key));
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let names = ["localhost".to_owned(), "huddlebox.local".to_owned(), "127.0.0.1".to_owned()]
        .into_iter()
        .chain(addresses.iter().map(ToString::to_string))
        .collect::<Vec<_>>();
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    write_private(&key, &made.signing_key.serialize_pem())?;
    std::fs::write(&certificate, made.cert.pem())
        .with_context(|| format!("cannot write {}", certificate.display()))?;
    Ok((certificate, key))
}

/// Readable by the box only.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
