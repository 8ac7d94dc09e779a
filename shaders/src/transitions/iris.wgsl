// Iris. Twin: iris.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let from_ = textureLoad(first, here(position), 0);
    let to_ = textureLoad(second, here(position), 0);
    let distance = length(position.xy - vec2<f32>(value(8u), value(9u)));
    let m = ramp(0.0, value(11u), value(10u) - distance);
    return from_ * (1.0 - m) + to_ * m;
}
