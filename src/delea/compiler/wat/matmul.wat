;; Matrix multiplication: functions that serve every shape and transposition.
;;
;; A tile computes 2 rows x 16 columns, k ascending, multiply then add: 8 accumulators, 4 vectors of
;; B, a number of A in every lane and a product fill the registers. B is packed into panels of 16
;; columns, [k][16]. If there is more than one panel, A is packed, too, each number four times over,
;; [k][2][4], for $tile_packed of emit_tile.py: a plain load is faster than a splat in every engine,
;; and rows a power of two apart do not evict each other. Shared tiles are hot after a few hundred
;; calls, where a copy per shape would each start in a browser's baseline code.
;; MINUS_ZEROS: the address of 64 bytes of -0.0, the start of a sum that has no bias.

;; rows of A at a0 and a1, moving a_k bytes per k; the panel from b to end; C at c, rows c_row apart;
;; the accumulators of each row start as the 16 numbers at start0 and start1
(func $tile (param $a0 i32) (param $a1 i32) (param $a_k i32) (param $b i32)
  (param $end i32) (param $c i32) (param $c_row i32)
  (param $start0 i32) (param $start1 i32)
  (local $s v128)
  (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
  (local $c0_0 v128) (local $c0_1 v128) (local $c0_2 v128) (local $c0_3 v128)
  (local $c1_0 v128) (local $c1_1 v128) (local $c1_2 v128) (local $c1_3 v128)
  (local.set $c0_0 (v128.load (local.get $start0)))
  (local.set $c0_1 (v128.load offset=16 (local.get $start0)))
  (local.set $c0_2 (v128.load offset=32 (local.get $start0)))
  (local.set $c0_3 (v128.load offset=48 (local.get $start0)))
  (local.set $c1_0 (v128.load (local.get $start1)))
  (local.set $c1_1 (v128.load offset=16 (local.get $start1)))
  (local.set $c1_2 (v128.load offset=32 (local.get $start1)))
  (local.set $c1_3 (v128.load offset=48 (local.get $start1)))
  (loop $k
    (local.set $b0 (v128.load (local.get $b)))
    (local.set $b1 (v128.load offset=16 (local.get $b)))
    (local.set $b2 (v128.load offset=32 (local.get $b)))
    (local.set $b3 (v128.load offset=48 (local.get $b)))
    (local.set $s (f32x4.splat (f32.load (local.get $a0))))
    (local.set $c0_0 (f32x4.add (local.get $c0_0) (f32x4.mul (local.get $s) (local.get $b0))))
    (local.set $c0_1 (f32x4.add (local.get $c0_1) (f32x4.mul (local.get $s) (local.get $b1))))
    (local.set $c0_2 (f32x4.add (local.get $c0_2) (f32x4.mul (local.get $s) (local.get $b2))))
    (local.set $c0_3 (f32x4.add (local.get $c0_3) (f32x4.mul (local.get $s) (local.get $b3))))
    (local.set $s (f32x4.splat (f32.load (local.get $a1))))
    (local.set $c1_0 (f32x4.add (local.get $c1_0) (f32x4.mul (local.get $s) (local.get $b0))))
    (local.set $c1_1 (f32x4.add (local.get $c1_1) (f32x4.mul (local.get $s) (local.get $b1))))
    (local.set $c1_2 (f32x4.add (local.get $c1_2) (f32x4.mul (local.get $s) (local.get $b2))))
    (local.set $c1_3 (f32x4.add (local.get $c1_3) (f32x4.mul (local.get $s) (local.get $b3))))
    (local.set $a0 (i32.add (local.get $a0) (local.get $a_k)))
    (local.set $a1 (i32.add (local.get $a1) (local.get $a_k)))
    (br_if $k (i32.ne (local.tee $b (i32.add (local.get $b) (i32.const 64))) (local.get $end))))
  (v128.store (local.get $c) (local.get $c0_0))
  (v128.store offset=16 (local.get $c) (local.get $c0_1))
  (v128.store offset=32 (local.get $c) (local.get $c0_2))
  (v128.store offset=48 (local.get $c) (local.get $c0_3))
  (local.set $c (i32.add (local.get $c) (local.get $c_row)))
  (v128.store (local.get $c) (local.get $c1_0))
  (v128.store offset=16 (local.get $c) (local.get $c1_1))
  (v128.store offset=32 (local.get $c) (local.get $c1_2))
  (v128.store offset=48 (local.get $c) (local.get $c1_3)))

;; C (m, n) = A B, for any strides of A and B; bias 0: none. With more, the accumulators start as what
;; C holds: k goes on where another call ended. Block by block of k, as even as can be and no deeper
;; than a panel of B that fits a first-level cache: panels of B; then, rows by rows, A is packed and
;; meets every panel. Where B is narrow and rows of A are runs of memory, A is read in place.
(func $matmul (param $a i32) (param $a_row i32) (param $a_k i32)
  (param $b i32) (param $b_column i32) (param $b_k i32)
  (param $c i32) (param $m i32) (param $n i32) (param $k i32) (param $bias i32) (param $work i32)
  (param $more i32)
  (local $depth i32) (local $most i32) (local $rows i32) (local $i i32) (local $from i32)
  (local $panels i32) (local $panel_bytes i32) (local $packed i32) (local $in_place i32)
  (local.set $in_place (i32.and
    (i32.le_u (local.get $n) (i32.const NARROW)) (i32.ne (local.get $a_row) (i32.const 4))))
  (local.set $depth (local.get $k))
  (local.set $most (local.get $m))
  (if (i32.eqz (local.get $in_place)) (then
    (local.set $i (i32.div_u ;; blocks
      (i32.add (local.get $k) (i32.const BEFORE_DEEPEST)) (i32.const DEEPEST)))
    (local.set $depth (i32.div_u
      (i32.sub (i32.add (local.get $k) (local.get $i)) (i32.const 1)) (local.get $i)))
    (local.set $most (i32.and (i32.div_u (i32.const PACKED) (local.get $depth)) (i32.const -2)))))
  (local.set $panels (i32.add (local.get $work) (i32.const 128)))
  (loop $deeper
    (if (i32.gt_u (local.get $depth) (local.get $k)) (then (local.set $depth (local.get $k))))
    (local.set $panel_bytes (i32.shl (local.get $depth) (i32.const 6)))
    (local.set $packed (call $pack_panels (local.get $b) (local.get $b_column) (local.get $b_k)
      (local.get $n) (local.get $depth) (local.get $panels)))
    (local.set $b (i32.add (local.get $b) (i32.mul (local.get $depth) (local.get $b_k))))
    (local.set $i (i32.const 0))
    (local.set $from (local.get $a))
    (loop $down
      (local.set $rows (i32.sub (local.get $m) (local.get $i)))
      (if (i32.gt_u (local.get $rows) (local.get $most)) (then (local.set $rows (local.get $most))))
      (if (local.get $in_place)
        (then
          (call $block (local.get $from) (local.get $a_row) (local.get $a_k) (local.get $panels)
            (local.get $panel_bytes) (local.get $c)
            (local.get $rows) (local.get $n) (local.get $bias) (local.get $work) (local.get $more)))
        (else
          (call $pack_rows (local.get $from) (local.get $a_row) (local.get $a_k) (local.get $rows)
            (local.get $depth) (local.get $packed))
          (call $block (local.get $packed) (i32.const 0) (i32.const 0) (local.get $panels)
            (local.get $panel_bytes)
            (i32.add (local.get $c) (i32.shl (i32.mul (local.get $i) (local.get $n)) (i32.const 2)))
            (local.get $rows) (local.get $n) (local.get $bias) (local.get $work) (local.get $more))))
      (local.set $from (i32.add (local.get $from) (i32.mul (local.get $rows) (local.get $a_row))))
      (br_if $down (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (local.get $rows))) (local.get $m))))
    (local.set $a (i32.add (local.get $a) (i32.mul (local.get $depth) (local.get $a_k))))
    (local.set $more (i32.const 1))
    (br_if $deeper (local.tee $k (i32.sub (local.get $k) (local.get $depth))))))

;; some rows of C from panels: A packed (a_k 0) or in place
(func $block (param $a i32) (param $a_row i32) (param $a_k i32) (param $panel i32)
  (param $panel_bytes i32) (param $c i32) (param $m i32) (param $n i32) (param $bias i32)
  (param $tile i32) (param $more i32)
  (local $j i32) (local $columns i32) (local $end i32) (local $start i32)
  (local $i i32) (local $a0 i32) (local $a1 i32) (local $a_pair i32) (local $to i32)
  (local $c_row i32) (local $rows i32) (local $start0 i32) (local $start1 i32)
  (local $out i32) (local $out_row i32)
  (local.set $c_row (i32.shl (local.get $n) (i32.const 2)))
  (local.set $a_pair (i32.shl (local.get $a_row) (i32.const 1)))
  (if (i32.eqz (local.get $a_k)) (then
    (local.set $a_pair (i32.shr_u (local.get $panel_bytes) (i32.const 1)))))
  (loop $columns16
    (local.set $end (i32.add (local.get $panel) (local.get $panel_bytes)))
    (local.set $columns (i32.sub (local.get $n) (local.get $j)))
    (if (i32.gt_u (local.get $columns) (i32.const 16)) (then (local.set $columns (i32.const 16))))
    (local.set $start (i32.const MINUS_ZEROS))
    (if (local.get $bias) (then
      (local.set $start (i32.add (local.get $bias) (i32.shl (local.get $j) (i32.const 2))))))
    (local.set $a0 (local.get $a))
    (local.set $to (i32.add (local.get $c) (i32.shl (local.get $j) (i32.const 2))))
    (local.set $i (i32.const 0))
    (loop $rows2
      (local.set $a1 (i32.add (local.get $a0) (local.get $a_row)))
      (local.set $rows (i32.const 2))
      (if (i32.eq (i32.sub (local.get $m) (local.get $i)) (i32.const 1)) (then
        (local.set $a1 (local.get $a0))
        (local.set $rows (i32.const 1))))
      (local.set $out (local.get $to))
      (local.set $out_row (local.get $c_row))
      (if (i32.ne (i32.add (local.get $columns) (local.get $rows)) (i32.const 18))
        (then ;; an edge: a whole tile aside, then the part of it that exists
          (local.set $out (local.get $tile))
          (local.set $out_row (i32.const 64))
          (if (local.get $more) (then
            (call $copy_edge (local.get $tile) (i32.const 64) (local.get $to) (local.get $c_row)
              (local.get $columns) (local.get $rows))))))
      (local.set $start0 (local.get $start))
      (local.set $start1 (local.get $start))
      (if (local.get $more) (then
        (local.set $start0 (local.get $out))
        (local.set $start1 (i32.add (local.get $out) (local.get $out_row)))))
      (if (local.get $a_k)
        (then (call $tile (local.get $a0) (local.get $a1) (local.get $a_k) (local.get $panel)
          (local.get $end) (local.get $out) (local.get $out_row)
          (local.get $start0) (local.get $start1)))
        (else (call $tile_packed (local.get $a0) (local.get $panel)
          (local.get $end) (local.get $out) (local.get $out_row)
          (local.get $start0) (local.get $start1))))
      (if (i32.eq (local.get $out) (local.get $tile)) (then
        (call $copy_edge (local.get $to) (local.get $c_row) (local.get $tile) (i32.const 64)
          (local.get $columns) (local.get $rows))))
      (local.set $a0 (i32.add (local.get $a0) (local.get $a_pair)))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $c_row) (i32.const 1))))
      (br_if $rows2 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $m))))
    (local.set $panel (local.get $end))
    (br_if $columns16
      (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 16))) (local.get $n)))))
