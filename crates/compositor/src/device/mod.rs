//! Frame plans on a graphics device, through wgpu: any adapter, down to software Vulkan or GL.
//!
//! Offscreen only. All work of a frame is one submission; sources and scaled pictures stay on the device within a limit of bytes.
//! A device that reports an error gives a `Fault`, never a panic: the caller goes on without it.

mod frame;
mod pipelines;
mod textures;

use crate::scene::Target;
use crate::shelf::Shelf;
use crate::sources::Key;
use kinora_ports::{Fault, PortError};
use kinora_shaders::scale::Table;
use pipelines::Pipelines;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use textures::Pool;

/// On the device: sources in their own size, and scaled ones.
const DEVICE_BYTES: usize = 384 << 20;

/// One frame at a time on a device, however many compositors there are: bounds what the device must hold.
static LEASE: Mutex<()> = Mutex::new(());

/// Whoever holds it may submit work.
pub(crate) struct GpuLease(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

impl GpuLease {
    fn take() -> Self {
        Self(LEASE.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(crate) struct Graphics {
    name: String,
    device: wgpu::Device,
    queue: wgpu::Queue,
    pipelines: Pipelines,
    pool: Pool,
    sources: Shelf<Key, wgpu::Texture>,
    scaled: Shelf<(Key, Target), wgpu::Texture>,
    tables: Shelf<Table, wgpu::Texture>,
    pages: Vec<wgpu::Buffer>,
    readback: Option<wgpu::Buffer>,
    /// Scaling needs 32-bit targets; a device without them gets pictures that the twin has scaled, which are the same.
    scales: bool,
    max_side: usize,
    error: Arc<Mutex<Option<String>>>,
}

impl std::fmt::Debug for Graphics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graphics").field("name", &self.name).field("scales", &self.scales).finish_non_exhaustive()
    }
}

impl Graphics {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A real card only.
    pub(crate) fn open_card() -> Result<Self, PortError> {
        Self::open(wgpu::Backends::all(), |kind| !matches!(kind, wgpu::DeviceType::Cpu | wgpu::DeviceType::Other))
    }

    pub(crate) fn open_any() -> Result<Self, PortError> {
        Self::open_card().or_else(|_| Self::open_software())
    }

    pub(crate) fn open_software() -> Result<Self, PortError> {
        Self::open(wgpu::Backends::VULKAN, |kind| kind == wgpu::DeviceType::Cpu)
            .or_else(|_| Self::open(wgpu::Backends::GL, |_| true))
    }

    fn open(backends: wgpu::Backends, wanted: impl Fn(wgpu::DeviceType) -> bool) -> Result<Self, PortError> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = backends;
        let instance = wgpu::Instance::new(descriptor);
        let rank = |adapter: &wgpu::Adapter| match adapter.get_info().device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            _ => 3,
        };
        let mut adapters = pollster::block_on(instance.enumerate_adapters(backends));
        adapters.retain(|adapter| wanted(adapter.get_info().device_type));
        adapters.sort_by_key(rank);
        let mut last = "no adapter was found".to_owned();
        for adapter in adapters {
            match Self::on(&adapter) {
                Ok(graphics) => return Ok(graphics),
                Err(error) => last = error,
            }
        }
        Err(Fault::new(
            "No graphics device can be used.",
            "Install a Vulkan or GL driver; Kinora works without one, too.",
            last,
        )
        .into())
    }

    fn on(adapter: &wgpu::Adapter) -> Result<Self, String> {
        let info = adapter.get_info();
        let limits = adapter.limits();
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("kinora"),
            required_limits: limits.clone(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.request_device(&descriptor)).map_err(|error| error.to_string())?;
        let error = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&error);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
        }));
        let renders = |format| {
            let features = adapter.get_texture_format_features(format);
            features
                .allowed_usages
                .contains(wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING)
        };
        if !renders(textures::CANVAS) || !renders(textures::BYTES) {
            return Err(format!("{} cannot draw into the formats that are needed", info.name));
        }
        let software = if info.device_type == wgpu::DeviceType::Cpu { ", software" } else { "" };
        Ok(Self {
            name: format!("{} ({:?}{software})", info.name, info.backend),
            pipelines: Pipelines::new(&device),
            pool: Pool::default(),
            sources: Shelf::new(DEVICE_BYTES / 3),
            scaled: Shelf::new(DEVICE_BYTES * 2 / 3),
            tables: Shelf::new(8 << 20),
            pages: Vec::new(),
            readback: None,
            scales: renders(textures::SUMS),
            max_side: limits.max_texture_dimension_2d as usize,
            device,
            queue,
            error,
        })
    }

    /// The first error since the last time, as a fault.
    fn check(&self) -> Result<(), Fault> {
        match self.error.lock().unwrap_or_else(PoisonError::into_inner).take() {
            None => Ok(()),
            Some(error) => Err(fault(error)),
        }
    }
}

fn fault(detail: impl std::fmt::Display) -> Fault {
    Fault::new("The graphics device failed.", "Kinora goes on with the processor.", detail)
}
