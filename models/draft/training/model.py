"""The draft model's networks: VAE, text encoder and denoiser, and the sampling run that joins them.
These files are the reference that the studio's Rust twin mirrors name by name; FORM.md says the same in words.
They must never use an operation that a plain tensor library lacks, and never change without FORM.md and the parity
fixtures changing with them.
"""
from denoiser import Denoiser
from sampling import layout, sample, timesteps
from sizes import DenoiserConfig, DraftConfig, SamplingConfig, TextConfig, VaeConfig
from text import TextEncoder
from vae import Vae, group_frames

__all__ = ["DenoiserConfig", "Denoiser", "DraftConfig", "SamplingConfig", "TextConfig", "TextEncoder", "Vae", "VaeConfig", "group_frames", "layout", "sample", "timesteps"]
