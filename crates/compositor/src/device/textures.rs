//! Textures on the device: formats, upload, and a pool of the ones that live for a pass or two.
//!
//! A pooled texture may be taken again as soon as the passes that read it are recorded: a device works in the order of recording.

/// Canvas and layers: floating point, so that rounding stays relative to the value.
pub(super) const CANVAS: wgpu::TextureFormat = wgpu::TextureFormat::Rgba16Float;
/// Sources, scaled pictures, frames, video.
pub(super) const BYTES: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
/// Scaling's sums: whole numbers that 16-bit floating point cannot hold.
pub(super) const SUMS: wgpu::TextureFormat = wgpu::TextureFormat::Rgba32Float;
/// Scaling's tables.
pub(super) const TABLE: wgpu::TextureFormat = wgpu::TextureFormat::R32Float;

/// Textures kept for the next frame; a frame needs six or so of one size.
const KEPT: usize = 12;

#[derive(Debug, Default)]
pub(super) struct Pool {
    free: Vec<wgpu::Texture>,
}

pub(super) fn create(device: &wgpu::Device, width: usize, height: usize, format: wgpu::TextureFormat) -> wgpu::Texture {
    let usage = match format {
        TABLE => wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        BYTES => {
            wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::COPY_SRC
                | wgpu::TextureUsages::RENDER_ATTACHMENT
        }
        _ => wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::RENDER_ATTACHMENT,
    };
    device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: extent(width, height),
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

pub(super) fn extent(width: usize, height: usize) -> wgpu::Extent3d {
    wgpu::Extent3d { width: width as u32, height: height as u32, depth_or_array_layers: 1 }
}

/// Four bytes a texel, in both formats that are uploaded.
pub(super) fn upload(queue: &wgpu::Queue, texture: &wgpu::Texture, bytes: &[u8]) {
    let size = texture.size();
    queue.write_texture(
        texture.as_image_copy(),
        bytes,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(size.width * 4), rows_per_image: None },
        size,
    );
}

impl Pool {
    pub(super) fn take(
        &mut self,
        device: &wgpu::Device,
        width: usize,
        height: usize,
        format: wgpu::TextureFormat,
    ) -> wgpu::Texture {
        let fits = |texture: &wgpu::Texture| texture.size() == extent(width, height) && texture.format() == format;
        match self.free.iter().position(fits) {
            Some(index) => self.free.swap_remove(index),
            None => create(device, width, height, format),
        }
    }

    pub(super) fn give(&mut self, texture: wgpu::Texture) {
        self.free.push(texture);
        if self.free.len() > KEPT {
            self.free.remove(0);
        }
    }
}
