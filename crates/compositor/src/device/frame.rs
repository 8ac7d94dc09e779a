//! One scene as passes on the device, and its bytes back.
//!
//! The same steps in the same order as the twins take: scale, place, effects, mix, blend, round, convert.

use super::textures::{BYTES, CANVAS, SUMS, TABLE, create, extent, upload};
use super::{GpuLease, Graphics, fault};
use crate::scene::{Placed, PlacedEffect, Scene, SceneLayer, Target};
use crate::sources::Source;
use kinora_ports::Fault;
use kinora_shaders::blend::Mode;
use kinora_shaders::output::{self, Layout};
use kinora_shaders::scale::{self, Scaling};
use kinora_shaders::{Pass, Picture, Shader, blend, place};
use std::sync::mpsc;

/// Uniform blocks of one buffer, and the distance between them, which suits every device.
const BLOCKS: usize = 256;
const BLOCK_BYTES: usize = 256;
/// Rows of a texture are copied to memory in multiples of this.
const ROW_BYTES: usize = wgpu::COPY_BYTES_PER_ROW_ALIGNMENT as usize;
/// Texels a row of the texture that video is packed into: a multiple of [`ROW_BYTES`], four bytes each.
const VIDEO_TEXELS: usize = 1024;

const _: () = assert!(size_of::<Pass>() <= BLOCK_BYTES);

impl Graphics {
    /// RGBA, rows without padding.
    pub(crate) fn frame(&mut self, scene: &Scene) -> Result<Vec<u8>, Fault> {
        self.run(scene, None)
    }

    pub(crate) fn video(&mut self, scene: &Scene, layout: Layout) -> Result<Vec<u8>, Fault> {
        self.run(scene, Some(layout))
    }

    fn run(&mut self, scene: &Scene, layout: Option<Layout>) -> Result<Vec<u8>, Fault> {
        let _lease = GpuLease::take();
        if scene.width.max(scene.height) > self.max_side {
            return Err(fault(format!("its pictures are at most {} pixels wide", self.max_side)));
        }
        let (width, height) = (scene.width, scene.height);
        let encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("frame") });
        let mut recorder = Recorder { graphics: self, encoder, blocks: Vec::new() };
        let canvas = recorder.scene(scene)?;
        let frame = recorder.take(width, height, BYTES);
        recorder.draw(output::FRAME, &Pass::default(), &[&canvas], &frame);
        recorder.give(canvas);
        let result = match layout {
            None => frame,
            Some(layout) => {
                let texels = output::video_length(width, height).div_ceil(4);
                let video = recorder.take(VIDEO_TEXELS, texels.div_ceil(VIDEO_TEXELS), BYTES);
                let whole = [width as i32, height as i32, layout as i32, VIDEO_TEXELS as i32, 0, 0, 0, 0];
                recorder.draw(output::VIDEO, &Pass { whole, ..Pass::default() }, &[&frame], &video);
                recorder.give(frame);
                video
            }
        };
        let length = layout.map_or(width * height * 4, |_| output::video_length(width, height));
        let bytes = recorder.finish(&result, length);
        self.pool.give(result);
        bytes
    }
}

struct Recorder<'a> {
    graphics: &'a mut Graphics,
    encoder: wgpu::CommandEncoder,
    /// Uniform blocks of this frame so far.
    blocks: Vec<u8>,
}

impl Recorder<'_> {
    fn take(&mut self, width: usize, height: usize, format: wgpu::TextureFormat) -> wgpu::Texture {
        self.graphics.pool.take(&self.graphics.device, width, height, format)
    }

    fn give(&mut self, texture: wgpu::Texture) {
        self.graphics.pool.give(texture);
    }

    /// One pass over the whole target.
    fn draw(&mut self, shader: Shader, pass: &Pass, inputs: &[&wgpu::Texture], target: &wgpu::Texture) {
        let index = self.blocks.len() / BLOCK_BYTES;
        self.blocks.extend_from_slice(bytemuck::bytes_of(pass));
        self.blocks.resize((index + 1) * BLOCK_BYTES, 0);
        let graphics = &mut *self.graphics;
        if graphics.pages.len() <= index / BLOCKS {
            graphics.pages.push(graphics.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("passes"),
                size: (BLOCKS * BLOCK_BYTES) as u64,
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        let (Some(page), Some(&first)) = (graphics.pages.get(index / BLOCKS), inputs.first()) else { return };
        let view = |texture: &wgpu::Texture| texture.create_view(&wgpu::TextureViewDescriptor::default());
        // A pass that reads fewer textures is given its first one again.
        let views: [wgpu::TextureView; 5] = std::array::from_fn(|slot| view(inputs.get(slot).unwrap_or(&first)));
        let block =
            wgpu::BufferBinding { buffer: page, offset: 0, size: wgpu::BufferSize::new(size_of::<Pass>() as u64) };
        let mut entries = vec![wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(block) }];
        entries.extend(views.iter().zip(1..).map(|(view, binding)| wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::TextureView(view),
        }));
        let group = graphics.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &graphics.pipelines.bindings,
            entries: &entries,
        });
        let target_view = view(target);
        let pipeline = graphics.pipelines.get(&graphics.device, shader, target.format());
        let mut drawing = begin(&mut self.encoder, &target_view);
        drawing.set_pipeline(pipeline);
        drawing.set_bind_group(0, &group, &[(index % BLOCKS * BLOCK_BYTES) as u32]);
        drawing.draw(0..3, 0..1);
    }

    fn cleared(&mut self, width: usize, height: usize, alpha: f64) -> wgpu::Texture {
        let texture = self.take(width, height, CANVAS);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        drop(begin_with(&mut self.encoder, &view, wgpu::Color { r: 0.0, g: 0.0, b: 0.0, a: alpha }));
        texture
    }

    fn scene(&mut self, scene: &Scene) -> Result<wgpu::Texture, Fault> {
        let (width, height) = (scene.width, scene.height);
        let mut canvas = self.cleared(width, height, 1.0);
        for layer in &scene.layers {
            let (picture, mode) = match layer {
                SceneLayer::Single(placed) => (self.placed(placed, width, height)?, placed.mode),
                SceneLayer::Mix { transition, pass, from, to, mode } => {
                    let mut side = |placed: &Option<Box<Placed>>| match placed {
                        Some(placed) => self.placed(placed, width, height),
                        None => Ok(self.cleared(width, height, 0.0)),
                    };
                    let (from, to) = (side(from)?, side(to)?);
                    let mixed = match transition.shader {
                        Some(shader) => {
                            let mixed = self.take(width, height, CANVAS);
                            self.draw(shader, pass, &[&from, &to], &mixed);
                            self.give(from);
                            self.give(to);
                            mixed
                        }
                        // A cut.
                        None => {
                            let (shown, other) = if pass.amount < 0.5 { (from, to) } else { (to, from) };
                            self.give(other);
                            shown
                        }
                    };
                    (mixed, *mode)
                }
            };
            canvas = self.blended(picture, canvas, mode);
        }
        Ok(canvas)
    }

    fn blended(&mut self, picture: wgpu::Texture, canvas: wgpu::Texture, mode: Mode) -> wgpu::Texture {
        let size = canvas.size();
        let result = self.take(size.width as usize, size.height as usize, CANVAS);
        let pass = Pass { whole: [mode as i32, 0, 0, 0, 0, 0, 0, 0], ..Pass::default() };
        self.draw(blend::SHADER, &pass, &[&picture, &canvas], &result);
        self.give(picture);
        self.give(canvas);
        result
    }

    fn placed(&mut self, placed: &Placed, width: usize, height: usize) -> Result<wgpu::Texture, Fault> {
        let scaled = self.scaled(&placed.source, &placed.size)?;
        let mut picture = self.take(width, height, CANVAS);
        self.draw(place::SHADER, &placed.place, &[&scaled], &picture);
        for PlacedEffect { effect, pass, plate } in &placed.effects {
            let changed = self.take(width, height, CANVAS);
            match plate {
                Some(plate) => {
                    let scaled = self.scaled(plate, &placed.size)?;
                    let plate = self.take(width, height, CANVAS);
                    self.draw(place::SHADER, &placed.place, &[&scaled], &plate);
                    self.draw(effect.shader, pass, &[&picture, &plate], &changed);
                    self.give(plate);
                }
                None => self.draw(effect.shader, pass, &[&picture], &changed),
            }
            self.give(std::mem::replace(&mut picture, changed));
        }
        Ok(picture)
    }

    /// The source at the size at which it is placed.
    fn scaled(&mut self, source: &Source, size: &Target) -> Result<wgpu::Texture, Fault> {
        let own = (source.picture.width(), source.picture.height());
        let key = (source.key.clone(), size.clone());
        if let Some(texture) = self.graphics.scaled.get(&key) {
            return Ok(texture);
        }
        let fits = own.0.max(own.1) <= self.graphics.max_side;
        if own == size.whole && size.is_whole() && fits {
            return Ok(self.source(source));
        }
        let scaling = size.scaling(own);
        let (width, height) = size.made();
        let texture = if self.graphics.scales && fits {
            self.scale(source, size, &scaling)
        } else {
            let picture = scale::scale(&source.picture, &scaling).ok_or_else(|| fault("a source is too large"))?;
            self.uploaded(&picture)
        };
        self.graphics.scaled.put(key, texture.clone(), width * height * 4);
        Ok(texture)
    }

    fn source(&mut self, source: &Source) -> wgpu::Texture {
        if let Some(texture) = self.graphics.sources.get(&source.key) {
            return texture;
        }
        let picture = &source.picture;
        let texture = self.uploaded(picture);
        self.graphics.sources.put(source.key.clone(), texture.clone(), picture.width() * picture.height() * 4);
        texture
    }

    fn uploaded(&mut self, picture: &Picture) -> wgpu::Texture {
        let texture = create(&self.graphics.device, picture.width(), picture.height(), BYTES);
        upload(&self.graphics.queue, &texture, &picture.to_premultiplied_rgba());
        texture
    }

    fn scale(&mut self, of: &Source, size: &Target, scaling: &Scaling) -> wgpu::Texture {
        let source = self.source(of);
        let (width, height) = size.made();
        let rows = scaling.down.source;
        let (across, down) = (self.table(&scaling.across), self.table(&scaling.down));
        let taps = scaling.across.taps as i32;
        let allowed = scaling.steepens().then(|| self.allowed(&of.picture));
        let sums: Vec<wgpu::Texture> = (0..if scaling.steepens() {
            4
        } else if scaling.held {
            3
        } else {
            1
        })
            .map(|what| {
                let sums = self.take(width, rows, SUMS);
                let pass = Pass { whole: [what, taps, 0, 0, 0, 0, 0, 0], ..Pass::default() };
                let of = if what == 3 { allowed.as_ref().unwrap_or(&source) } else { &source };
                self.draw(scale::ACROSS, &pass, &[of, &across], &sums);
                sums
            })
            .collect();
        let result = create(&self.graphics.device, width, height, BYTES);
        let taps = scaling.down.taps as i32;
        let held = i32::from(scaling.held) + i32::from(scaling.steepens());
        let whole = [held, taps, i32::from(scaling.edge), 0, 0, 0, 0, 0];
        let of = |index: usize| sums.get(index).or(sums.first()).unwrap_or(&source);
        self.draw(scale::DOWN, &Pass { whole, ..Pass::default() }, &[of(0), of(1), of(2), &down, of(3)], &result);
        for texture in sums {
            self.give(texture);
        }
        result
    }

    /// How far each pixel may be steepened, as grey.
    fn allowed(&mut self, picture: &Picture) -> wgpu::Texture {
        let texture = create(&self.graphics.device, picture.width(), picture.height(), BYTES);
        let grey: Vec<u8> = scale::two_coloured(picture).into_iter().flat_map(|x| [x; 4]).collect();
        upload(&self.graphics.queue, &texture, &grey);
        texture
    }

    fn table(&mut self, table: &scale::Table) -> wgpu::Texture {
        if let Some(texture) = self.graphics.tables.get(table) {
            return texture;
        }
        let (height, numbers) = table.texture();
        let texture = create(&self.graphics.device, table.target(), height, TABLE);
        upload(&self.graphics.queue, &texture, bytemuck::cast_slice(&numbers));
        self.graphics.tables.put(table.clone(), texture.clone(), numbers.len() * 4);
        texture
    }

    /// Submits, waits, and brings back the first `length` bytes of the texture's rows.
    fn finish(mut self, result: &wgpu::Texture, length: usize) -> Result<Vec<u8>, Fault> {
        let size = result.size();
        let row = size.width as usize * 4;
        let padded = row.div_ceil(ROW_BYTES) * ROW_BYTES;
        let needed = (padded * size.height as usize) as u64;
        let graphics = self.graphics;
        let buffer = match graphics.readback.take() {
            Some(buffer) if buffer.size() >= needed => buffer,
            _ => graphics.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("readback"),
                size: needed,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            }),
        };
        self.encoder.copy_texture_to_buffer(
            result.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded as u32),
                    rows_per_image: None,
                },
            },
            extent(size.width as usize, size.height as usize),
        );
        for (page, blocks) in graphics.pages.iter().zip(self.blocks.chunks(BLOCKS * BLOCK_BYTES)) {
            graphics.queue.write_buffer(page, 0, blocks);
        }
        graphics.queue.submit([self.encoder.finish()]);
        let (sender, receiver) = mpsc::sync_channel(1);
        buffer.map_async(wgpu::MapMode::Read, 0..needed, move |mapped| {
            // The receiver lives until the answer is in.
            let _ = sender.send(mapped);
        });
        graphics.device.poll(wgpu::PollType::wait_indefinitely()).map_err(fault)?;
        receiver.recv().map_err(fault)?.map_err(fault)?;
        let bytes = {
            let mapped = buffer.get_mapped_range(0..needed).map_err(fault)?;
            let mut bytes = Vec::with_capacity(row * size.height as usize);
            for line in mapped.chunks(padded) {
                bytes.extend_from_slice(line.get(..row).unwrap_or(line));
            }
            bytes.truncate(length);
            bytes
        };
        buffer.unmap();
        graphics.readback = Some(buffer);
        graphics.check()?;
        Ok(bytes)
    }
}

fn begin<'a>(encoder: &'a mut wgpu::CommandEncoder, target: &wgpu::TextureView) -> wgpu::RenderPass<'a> {
    begin_with(encoder, target, wgpu::Color::TRANSPARENT)
}

fn begin_with<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    target: &wgpu::TextureView,
    clear: wgpu::Color,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: None,
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(clear), store: wgpu::StoreOp::Store },
        })],
        depth_stencil_attachment: None,
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    })
}
