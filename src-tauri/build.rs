//! Declares every command of the window to Tauri's access list, from the one list there is (`kinora_api::COMMANDS`).
//! A command that is not declared cannot be called, and one that is declared but not granted in `capabilities/` is refused.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(kinora_api::COMMANDS);
    let attributes = tauri_build::Attributes::new()
        .app_manifest(manifest)
        .capabilities_path_pattern("src-tauri/capabilities/*.json");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
