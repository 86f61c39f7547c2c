//! Embeds the built web UI; without it a page that says how to build it.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../../web-ui/dist");
    println!("cargo::rerun-if-changed=placeholder");
    let built = Path::new("../../web-ui/dist/index.html").exists();
    memory_serve::load_directory(if built { "../../web-ui/dist" } else { "placeholder" });
}
