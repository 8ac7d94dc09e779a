// Saturation. Twin: saturation.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(first, here(position), 0);
    let x = straight(colour);
    let grey = vec3<f32>(luma(x));
    return premultiplied(grey + (x - grey) * value(0u), colour.a);
}
