//! The vector registers. Copying leaves the last bytes there, which may be a
//! whole token; the next core dump has them, and so has the stack of whoever
//! spills them.

/// Overwrites those that a function may: a few nanoseconds.
pub fn wipe_registers() {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            wipe_upper();
        }
        if is_x86_feature_detected!("avx") {
            wipe_wide();
        } else {
            wipe_lower();
        }
    }
    #[cfg(target_arch = "aarch64")]
    wipe_all();
}

/// Has the compiler write one instruction per register, and count them as
/// overwritten: it saves those that belong to the caller (on Windows some do).
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! overwrite {
    ($($instruction:literal)*, $($register:tt)*) => {
        // SAFETY: nothing but registers is written, and all of them are named.
        unsafe { std::arch::asm!($($instruction,)* $(out($register) _,)* options(nomem, nostack, preserves_flags)) }
    };
}

/// The sixteen of AVX-512 that no shorter name reaches.
#[cfg(target_arch = "x86_64")]
fn wipe_upper() {
    overwrite!(
        "vpxord zmm16, zmm16, zmm16" "vpxord zmm17, zmm17, zmm17" "vpxord zmm18, zmm18, zmm18"
        "vpxord zmm19, zmm19, zmm19" "vpxord zmm20, zmm20, zmm20" "vpxord zmm21, zmm21, zmm21"
        "vpxord zmm22, zmm22, zmm22" "vpxord zmm23, zmm23, zmm23" "vpxord zmm24, zmm24, zmm24"
        "vpxord zmm25, zmm25, zmm25" "vpxord zmm26, zmm26, zmm26" "vpxord zmm27, zmm27, zmm27"
        "vpxord zmm28, zmm28, zmm28" "vpxord zmm29, zmm29, zmm29" "vpxord zmm30, zmm30, zmm30"
        "vpxord zmm31, zmm31, zmm31",
        "xmm16" "xmm17" "xmm18" "xmm19" "xmm20" "xmm21" "xmm22" "xmm23"
        "xmm24" "xmm25" "xmm26" "xmm27" "xmm28" "xmm29" "xmm30" "xmm31"
    );
}

/// All sixteen of AVX, in their whole width.
#[cfg(target_arch = "x86_64")]
fn wipe_wide() {
    overwrite!(
        "vzeroall",
        "xmm0" "xmm1" "xmm2" "xmm3" "xmm4" "xmm5" "xmm6" "xmm7"
        "xmm8" "xmm9" "xmm10" "xmm11" "xmm12" "xmm13" "xmm14" "xmm15"
    );
}

/// The sixteen that every x86-64 has.
#[cfg(target_arch = "x86_64")]
fn wipe_lower() {
    overwrite!(
        "pxor xmm0, xmm0" "pxor xmm1, xmm1" "pxor xmm2, xmm2" "pxor xmm3, xmm3"
        "pxor xmm4, xmm4" "pxor xmm5, xmm5" "pxor xmm6, xmm6" "pxor xmm7, xmm7"
        "pxor xmm8, xmm8" "pxor xmm9, xmm9" "pxor xmm10, xmm10" "pxor xmm11, xmm11"
        "pxor xmm12, xmm12" "pxor xmm13, xmm13" "pxor xmm14, xmm14" "pxor xmm15, xmm15",
        "xmm0" "xmm1" "xmm2" "xmm3" "xmm4" "xmm5" "xmm6" "xmm7"
        "xmm8" "xmm9" "xmm10" "xmm11" "xmm12" "xmm13" "xmm14" "xmm15"
    );
}

/// Those of ARM that copies use; of v8 to v15 the lower halves are the
/// caller's.
#[cfg(target_arch = "aarch64")]
fn wipe_all() {
    overwrite!(
        "movi v0.16b, #0" "movi v1.16b, #0" "movi v2.16b, #0" "movi v3.16b, #0"
        "movi v4.16b, #0" "movi v5.16b, #0" "movi v6.16b, #0" "movi v7.16b, #0"
        "movi v16.16b, #0" "movi v17.16b, #0" "movi v18.16b, #0" "movi v19.16b, #0"
        "movi v20.16b, #0" "movi v21.16b, #0" "movi v22.16b, #0" "movi v23.16b, #0"
        "movi v24.16b, #0" "movi v25.16b, #0" "movi v26.16b, #0" "movi v27.16b, #0"
        "movi v28.16b, #0" "movi v29.16b, #0" "movi v30.16b, #0" "movi v31.16b, #0",
        "v0" "v1" "v2" "v3" "v4" "v5" "v6" "v7"
        "v16" "v17" "v18" "v19" "v20" "v21" "v22" "v23"
        "v24" "v25" "v26" "v27" "v28" "v29" "v30" "v31"
    );
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::arch::asm;

    use super::wipe_registers;

    #[test]
    fn nothing_stays_in_the_registers() {
        let text = *b"sixteen letters.";
        let mut left = [text; 2];
        // The last one; on Windows those after the fifth are the caller's.
        // SAFETY: 16 bytes are read from `text`; the register is named.
        #[cfg(not(windows))]
        unsafe {
            asm!("movups xmm15, [{text}]", text = in(reg) &text, out("xmm15") _)
        };
        // SAFETY: as above.
        #[cfg(windows)]
        unsafe {
            asm!("movups xmm5, [{text}]", text = in(reg) &text, out("xmm5") _)
        };
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: as above, and the processor has the register.
            unsafe { asm!("vmovdqu32 xmm31, [{text}]", text = in(reg) &text, out("xmm31") _) };
        }
        wipe_registers();
        // SAFETY: 16 bytes each are written to `left`.
        #[cfg(not(windows))]
        unsafe {
            asm!("movups [{left}], xmm15", left = in(reg) &mut left[0])
        };
        // SAFETY: as above.
        #[cfg(windows)]
        unsafe {
            asm!("movups [{left}], xmm5", left = in(reg) &mut left[0])
        };
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: as above.
            unsafe { asm!("vmovdqu32 [{left}], xmm31", left = in(reg) &mut left[1]) };
        } else {
            left[1] = [0; 16];
        }
        assert_eq!(left, [[0; 16]; 2]);
    }
}
