// RGB to BT.709 limited-range 4:2:0, four bytes of the frame's memory a texel. Twin: video.rs
// first: the frame, RGBA8. whole[0]: width, height, layout (0 I420, 1 NV12), texels a row of the target.

fn times(a: i32, b: i32) -> i32 {
    return (((a * b) >> 14u) + 1) >> 1u;
}

fn code(x: i32, y: i32) -> vec3<i32> {
    let size = pass_.whole[0].xy;
    let at = clamp(vec2<i32>(x, y), vec2<i32>(0), size - vec2<i32>(1));
    return vec3<i32>(round(textureLoad(first, at, 0).rgb * 255.0));
}

fn mixed(scaled: vec3<i32>, by: vec3<i32>, zero: i32) -> i32 {
    let sum = times(scaled.r, by.r) + times(scaled.g, by.g) + times(scaled.b, by.b);
    return zero + ((sum + 64) >> 7u);
}

fn byte(at: i32) -> f32 {
    let size = pass_.whole[0].xy;
    let half = (size + vec2<i32>(1)) / 2;
    let pixels = size.x * size.y;
    if at < pixels {
        return f32(mixed(code(at % size.x, at / size.x) * 128, vec3<i32>(5983, 20127, 2032), 16)) / 255.0;
    }
    var sample = at - pixels;
    var second_plane = false;
    if pass_.whole[0].z == 1 {
        second_plane = (sample & 1) == 1;
        sample = sample / 2;
    } else if sample >= half.x * half.y {
        second_plane = true;
        sample -= half.x * half.y;
    }
    let x = (sample % half.x) * 2;
    let y = (sample / half.x) * 2;
    let sum = code(x - 1, y) + 2 * code(x, y) + code(x + 1, y) + code(x - 1, y + 1) + 2 * code(x, y + 1) + code(x + 1, y + 1);
    let by = select(vec3<i32>(-3298, -11094, 14392), vec3<i32>(14392, -13072, -1320), second_plane);
    return f32(mixed(sum * 16, by, 128)) / 255.0;
}

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = here(position);
    let texel = (at.y * pass_.whole[0].w + at.x) * 4;
    return vec4<f32>(byte(texel), byte(texel + 1), byte(texel + 2), byte(texel + 3));
}
