// Scales down the frame's height what across.wgsl made. Twin: twin.rs
// first: the kernel's sums; second and third: the bounds; fourth: the table;
// fifth: how far steepening is allowed. whole[0]: held (2: steepened where allowed), taps, edge.

fn times(a: i32, b: i32) -> i32 {
    return (((a * b) >> 14u) + 1) >> 1u;
}

fn times4(a: vec4<i32>, b: i32) -> vec4<i32> {
    return vec4<i32>(times(a.r, b), times(a.g, b), times(a.b, b), times(a.a, b));
}

fn number(column: i32, row: i32) -> i32 {
    return i32(textureLoad(fourth, vec2<i32>(column, row), 0).x);
}

fn nearest(x: i32, y: i32) -> vec2<i32> {
    return vec2<i32>(x, clamp(y, 0, i32(textureDimensions(first).y) - 1));
}

@fragment
fn pixels(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = here(position);
    let taps = pass_.whole[0].y;
    let start = number(at.y, 0);
    var sum = vec4<i32>(0);
    if taps <= 6 {
        for (var tap = 0; tap < taps; tap++) {
            sum += times4(vec4<i32>(textureLoad(first, nearest(at.x, start + tap), 0)), number(at.y, 1 + tap));
        }
    } else {
        sum = vec4<i32>(0x4000);
        for (var tap = 0; tap < taps; tap++) {
            sum += vec4<i32>(textureLoad(first, nearest(at.x, start + tap), 0)) * number(at.y, 1 + tap);
        }
        sum = sum >> vec4<u32>(15u);
    }
    if pass_.whole[0].x > 0 {
        let pair = number(at.y, 1 + taps);
        let upper = nearest(at.x, pair);
        let lower = nearest(at.x, pair + 1);
        let a = number(at.y, 2 + taps);
        let b = number(at.y, 3 + taps);
        let low = times4(vec4<i32>(textureLoad(second, upper, 0)), a) + times4(vec4<i32>(textureLoad(second, lower, 0)), b);
        let high = times4(vec4<i32>(textureLoad(third, upper, 0)), a) + times4(vec4<i32>(textureLoad(third, lower, 0)), b);
        let middle = (low + high) >> vec4<u32>(1u);
        let from_middle = clamp(sum, low, high) - middle;
        var edge = pass_.whole[0].z;
        if pass_.whole[0].x == 2 {
            let allowed = times(i32(textureLoad(fifth, upper, 0).x), a) + times(i32(textureLoad(fifth, lower, 0).x), b);
            edge = times(edge - 4096, allowed * 4) + 4096;
        }
        sum = clamp(middle + times4(from_middle * 8, edge), low, high);
    }
    let code = clamp((sum + vec4<i32>(16)) >> vec4<u32>(5u), vec4<i32>(0), vec4<i32>(255));
    return vec4<f32>(code) / 255.0;
}
