// Shared by every pass: the uniform block (Pass in pass.rs), five textures and a triangle over the whole target.
// Textures are read texel by texel, never through a sampler: filters of devices differ in their last bits.

struct Pass {
    size: vec2<f32>,
    frame: u32,
    amount: f32,
    map: array<vec4<f32>, 2>,
    whole: array<vec4<i32>, 2>,
    values: array<vec4<f32>, 4>,
}

@group(0) @binding(0) var<uniform> pass_: Pass;
@group(0) @binding(1) var first: texture_2d<f32>;
@group(0) @binding(2) var second: texture_2d<f32>;
@group(0) @binding(3) var third: texture_2d<f32>;
@group(0) @binding(4) var fourth: texture_2d<f32>;
@group(0) @binding(5) var fifth: texture_2d<f32>;

@vertex
fn corners(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let x = f32(i32(index & 1u) * 4 - 1);
    let y = f32(i32(index >> 1u) * 4 - 1);
    return vec4<f32>(x, y, 0.0, 1.0);
}

// The layer's space at the centre of a pixel.
fn in_layer(position: vec4<f32>) -> vec2<f32> {
    let at = position.xy;
    return vec2<f32>(
        pass_.map[0].x * at.x + pass_.map[0].y * at.y + pass_.map[0].z,
        pass_.map[1].x * at.x + pass_.map[1].y * at.y + pass_.map[1].z,
    );
}

fn value(index: u32) -> f32 {
    return pass_.values[index / 4u][index % 4u];
}

fn here(position: vec4<f32>) -> vec2<i32> {
    return vec2<i32>(position.xy);
}

// Effects work on straight colour.
fn straight(colour: vec4<f32>) -> vec3<f32> {
    return colour.rgb / max(colour.a, 1e-6);
}

fn premultiplied(colour: vec3<f32>, alpha: f32) -> vec4<f32> {
    return vec4<f32>(clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0)) * alpha, alpha);
}

fn luma(colour: vec3<f32>) -> f32 {
    return 0.2126 * colour.r + 0.7152 * colour.g + 0.0722 * colour.b;
}

fn ramp(from_: f32, to_: f32, at: f32) -> f32 {
    return clamp((at - from_) / max(to_ - from_, 1e-6), 0.0, 1.0);
}

fn smooth_ramp(from_: f32, to_: f32, at: f32) -> f32 {
    let t = ramp(from_, to_, at);
    return t * t * (3.0 - 2.0 * t);
}
