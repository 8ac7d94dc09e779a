//! A tiny LTX model of random numbers, from the parity fixtures, laid out in a folder as a person would have it.
//!
//! It exists so that what is promised of the real model can be tried in seconds. What it makes is no picture of anything.

use candle_core::{Device, Tensor};
use kinora_engine::LocalEngine;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

pub type Tensors = HashMap<String, Tensor>;

pub struct Tiny {
    pub folder: tempfile::TempDir,
    config: serde_json::Value,
    tensors: Tensors,
}

impl Tiny {
    /// `manifest` is that of a model called `tiny`; `root` is the folder of the workspace.
    pub fn new(root: &Path, manifest: &str) -> Self {
        let fixture = root.join("models/tests/fixtures/ltx/pipeline_first_frame");
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("models/manifests")).expect("folders");
        fs::write(folder.path().join("models/manifests/tiny.toml"), manifest).expect("a manifest");
        let config = fs::read(fixture.join("config.json")).expect("the fixture");
        let tensors =
            candle_core::safetensors::load(fixture.join("weights.safetensors"), &Device::Cpu).expect("weights");
        Self { folder, config: serde_json::from_slice(&config).expect("json"), tensors }
    }

    /// The folder with manifests, and with the model's own folder.
    pub fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    pub fn own(&self) -> PathBuf {
        self.models().join("tiny")
    }

    pub fn part(&self, part: &str) -> Tensors {
        let of = |(name, t): (&String, &Tensor)| Some((name.strip_prefix(&format!("{part}."))?.to_owned(), t.clone()));
        self.tensors.iter().filter_map(of).collect()
    }

    pub fn save(&self, tensors: &Tensors, path: &str) {
        let path = self.own().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        candle_core::safetensors::save(tensors, path).expect("saving");
    }

    fn configure(&self, part: &str) {
        fs::write(self.own().join(part).join("config.json"), self.config[part].to_string()).expect("a config");
    }

    /// As the reference library lays a model out; the denoiser in two shards.
    pub fn in_folders(&self) {
        let (mut first, mut second) = (Tensors::new(), Tensors::new());
        for (i, (name, tensor)) in self.part("transformer").into_iter().enumerate() {
            if i % 2 == 0 { &mut first } else { &mut second }.insert(name, tensor);
        }
        self.save(&first, "transformer/diffusion_pytorch_model-00001-of-00002.safetensors");
        self.save(&second, "transformer/diffusion_pytorch_model-00002-of-00002.safetensors");
        self.save(&self.part("vae"), "vae/diffusion_pytorch_model.safetensors");
        self.save(&self.part("text_encoder"), "text_encoder/model.safetensors");
        ["transformer", "vae", "text_encoder"].iter().for_each(|part| self.configure(part));
        fs::create_dir_all(self.own().join("tokenizer")).expect("folders");
        fs::write(self.own().join("tokenizer/spiece.model"), vocabulary()).expect("a vocabulary");
    }

    pub fn engine(&self) -> LocalEngine {
        LocalEngine::open(&self.models()).expect("the engine opens")
    }
}

/// A SentencePiece model of letters: pieces of 28 letters with equal scores, after the three that every one begins with.
pub fn vocabulary() -> Vec<u8> {
    let mut bytes = Vec::new();
    let letters = "\u{2581}abcdefghijklmnopqrstuvwxyz.".chars().map(String::from);
    for (text, kind) in [("<pad>", 3u8), ("</s>", 3), ("<unk>", 2)]
        .map(|(t, k)| (t.to_owned(), k))
        .into_iter()
        .chain(letters.map(|l| (l, 1)))
    {
        let mut piece = vec![0x0a, text.len() as u8];
        piece.extend(text.as_bytes());
        piece.push(0x15);
        piece.extend((-3.0f32).to_le_bytes());
        piece.extend([0x18, kind]);
        bytes.extend([0x0a, piece.len() as u8]);
        bytes.extend(piece);
    }
    bytes
}
