// Colour temperature and tint. Twin: temperature.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(first, here(position), 0);
    let gains = vec3<f32>(1.0 + 0.3 * value(0u), 1.0 - 0.2 * value(1u), 1.0 - 0.3 * value(0u));
    return premultiplied(straight(colour) * gains / luma(gains), colour.a);
}
