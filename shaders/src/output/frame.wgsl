// The canvas as 8-bit colour over black. Twin: frame_row in mod.rs

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = clamp(textureLoad(first, here(position), 0).rgb, vec3<f32>(0.0), vec3<f32>(1.0));
    return vec4<f32>(floor(colour * 255.0 + vec3<f32>(0.625)) / 255.0, 1.0);
}
