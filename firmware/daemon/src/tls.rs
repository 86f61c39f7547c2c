//! The certificate: the configured one, or one the box makes for itself and keeps.

use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;

use crate::config::Config;

/// Reads or makes the certificate.
pub(crate) async fn load(config: &Config, addresses: &[IpAddr]) -> anyhow::Result<RustlsConfig> {
    match (&config.web.certificate, &config.web.key) {
        (Some(certificate), Some(key)) => used(certificate, key).await,
        _ => own(&config.unit.data.join("tls"), addresses).await,
    }
}

async fn used(certificate: &Path, key: &Path) -> anyhow::Result<RustlsConfig> {
    let used = RustlsConfig::from_pem_file(certificate, key).await;
    used.with_context(|| format!("the certificate {} cannot be used", certificate.display()))
}

/// The box's own pair; made anew where there is none, or none that can be used.
async fn own(folder: &Path, addresses: &[IpAddr]) -> anyhow::Result<RustlsConfig> {
    let (certificate, key) = (folder.join("box.crt"), folder.join("box.key"));
    if certificate.exists() && key.exists() {
        match used(&certificate, &key).await {
            Ok(config) => return Ok(config),
            Err(error) => tracing::error!(error = format!("{error:#}"), "the box makes itself a new one"),
        }
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let names = ["localhost".to_owned(), "huddlebox.local".to_owned(), "127.0.0.1".to_owned()]
        .into_iter()
        .chain(addresses.iter().map(ToString::to_string))
        .collect::<Vec<_>>();
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    write(&key, &made.signing_key.serialize_pem())?;
    write(&certificate, &made.cert.pem())?;
    used(&certificate, &key).await
}

/// The whole text or what was there before, also after a power cut. Readable by the box only.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let temporary = PathBuf::from(format!("{}.new", path.display()));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn start(folder: &Path) -> anyhow::Result<()> {
        // Another test may have installed it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        own(folder, &[IpAddr::from([192, 0, 2, 7])]).await.map(|_| ())
    }

    #[tokio::test]
    async fn a_box_whose_own_certificate_was_cut_off_starts() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = (dir.path().join("box.crt"), dir.path().join("box.key"));
        start(dir.path()).await.unwrap();
        let first = std::fs::read(&certificate).unwrap();
        start(dir.path()).await.unwrap();
        assert_eq!(std::fs::read(&certificate).unwrap(), first, "it is kept");
        for damaged in [&certificate, &key] {
            std::fs::write(damaged, "").unwrap();
            start(dir.path()).await.unwrap();
        }
        let other = tempfile::tempdir().unwrap();
        start(other.path()).await.unwrap();
        std::fs::copy(other.path().join("box.key"), &key).unwrap();
        start(dir.path()).await.unwrap();
        assert_ne!(std::fs::read(&certificate).unwrap(), first, "the key was not its own");
    }

    #[tokio::test]
    async fn the_administrator_s_certificate_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = (dir.path().join("own.crt"), dir.path().join("own.key"));
        std::fs::write(&certificate, "").unwrap();
        std::fs::write(&key, "").unwrap();
        let text =
            format!("[box]\ndata = {:?}\n[web]\ncertificate = {certificate:?}\nkey = {key:?}", dir.path());
        let config = Config::parse(&text, "test".as_ref()).unwrap();
        let error = load(&config, &[]).await.unwrap_err().to_string();
        assert!(error.contains("own.crt"), "{error}");
        assert_eq!(std::fs::read(&certificate).unwrap(), b"");
    }
}
