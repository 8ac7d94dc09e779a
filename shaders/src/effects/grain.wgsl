// Film grain. Twin: grain.rs

fn hash(line: u32, cell: u32) -> u32 {
    var h = line ^ (cell * 0x9e3779b1u);
    h = h ^ (h >> 16u);
    h = h * 0x7feb352du;
    h = h ^ (h >> 15u);
    h = h * 0x846ca68bu;
    return h ^ (h >> 16u);
}

fn bell(h: u32) -> f32 {
    let sum = (h & 255u) + ((h >> 8u) & 255u) + ((h >> 16u) & 255u) + (h >> 24u);
    return f32(i32(sum) - 510) * (1.0 / 255.0);
}

fn bits(h: u32, shift: u32) -> f32 {
    return f32(i32((h >> shift) & 63u) * 2 - 63) * (1.0 / 63.0);
}

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let colour = textureLoad(first, here(position), 0);
    let x = straight(colour);
    let at = vec2<u32>(here(position));
    let reciprocal = u32(clamp(pass_.whole[0].z, 1, 65536));
    let base = (pass_.frame * 0xc2b2ae3du) ^ (u32(i32(value(3u))) * 0x27d4eb2fu);
    let fine_line = base ^ (((at.y * reciprocal) >> 16u) * 0x85ebca77u);
    let coarse_line = base ^ (((at.y * reciprocal) >> 17u) * 0x85ebca77u) ^ 0x5bd1e995u;
    let fine = hash(fine_line, (at.x * reciprocal) >> 16u);
    let coarse = hash(coarse_line, (at.x * reciprocal) >> 17u);
    let noise = bell(fine) + 0.5 * bell(coarse);
    let grey = clamp(luma(x), 0.0, 1.0);
    let strength = value(0u) * 0.16 * (0.25 + 3.0 * grey * (1.0 - grey));
    let speck = vec3<f32>(bits(fine, 3u), bits(fine, 13u), bits(fine, 23u));
    return premultiplied(x + strength * (vec3<f32>(noise) + value(2u) * speck), colour.a);
}
