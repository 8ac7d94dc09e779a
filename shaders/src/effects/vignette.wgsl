// Vignette. Twin: vignette.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(first, here(position), 0);
    let size = vec2<f32>(max(pass_.whole[0].xy, vec2<i32>(1)));
    let shape = vec2<f32>(1.0) + (size / max(size.x, size.y) - vec2<f32>(1.0)) * value(3u);
    let from_centre = (in_layer(position) - vec2<f32>(0.5)) * shape;
    let distance = length(from_centre) * 1.41421356;
    let keep = 1.0 - value(0u) * smooth_ramp(value(1u), value(1u) + value(2u), distance);
    return premultiplied(straight(colour) * keep, colour.a);
}
