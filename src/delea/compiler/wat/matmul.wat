;; Matrix multiplication: five functions that serve every shape and transposition.
;;
;; $tile computes 2 rows x 16 columns, k ascending, multiply then add: 8 accumulators, 4 vectors of
;; B, a splat of A and a product fill the registers, so its loop is not unrolled. B is packed into
;; panels of 16 columns, [k][16]; A is read in place, whatever its strides. One shared tile is hot
;; after a few hundred calls, where a copy per shape would each start in a browser's baseline code.
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

;; a panel of B: [k][16] at to, from columns that lie b_column bytes apart and rows b_k bytes apart;
;; columns that do not exist are zeros
(func $pack (param $from i32) (param $b_column i32) (param $b_k i32) (param $k i32)
  (param $columns i32) (param $to i32)
  (local $column i32) (local $i i32) (local $at i32) (local $put i32)
  (local $r0 v128) (local $r1 v128) (local $r2 v128) (local $r3 v128)
  (local $t0 v128) (local $t1 v128) (local $t2 v128) (local $t3 v128)
  (if (i32.and (i32.eq (local.get $columns) (i32.const 16)) (i32.eq (local.get $b_column) (i32.const 4)))
    (then ;; rows of B are rows of the panel
      (loop $row
        (v128.store (local.get $to) (v128.load (local.get $from)))
        (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $from)))
        (v128.store offset=32 (local.get $to) (v128.load offset=32 (local.get $from)))
        (v128.store offset=48 (local.get $to) (v128.load offset=48 (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $b_k)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (br_if $row (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (return)))
  (if (i32.lt_u (local.get $columns) (i32.const 16))
    (then (memory.fill (local.get $to) (i32.const 0) (i32.shl (local.get $k) (i32.const 6)))))
  (if (i32.and (i32.eq (local.get $columns) (i32.const 16)) (i32.eq (local.get $b_k) (i32.const 4)))
    (then ;; columns of B are runs of memory: four of them at a time, 4 x 4 blocks turned
      (local.set $i (i32.and (local.get $k) (i32.const -4)))
      (if (local.get $i) (then
        (loop $four
          (local.set $at (local.get $from))
          (local.set $put (local.get $to))
          (local.set $column (i32.const 0))
          (loop $group
            (local.set $r0 (v128.load (local.get $at)))
            (local.set $r1 (v128.load (local.tee $at (i32.add (local.get $at) (local.get $b_column)))))
            (local.set $r2 (v128.load (local.tee $at (i32.add (local.get $at) (local.get $b_column)))))
            (local.set $r3 (v128.load (local.tee $at (i32.add (local.get $at) (local.get $b_column)))))
            (local.set $at (i32.add (local.get $at) (local.get $b_column)))
            (local.set $t0 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $r0) (local.get $r1)))
            (local.set $t1 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $r0) (local.get $r1)))
            (local.set $t2 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $r2) (local.get $r3)))
            (local.set $t3 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $r2) (local.get $r3)))
            (v128.store (local.get $to) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $t0) (local.get $t2)))
            (v128.store offset=64 (local.get $to) (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $t0) (local.get $t2)))
            (v128.store offset=128 (local.get $to) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $t1) (local.get $t3)))
            (v128.store offset=192 (local.get $to) (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $t1) (local.get $t3)))
            (local.set $to (i32.add (local.get $to) (i32.const 16)))
            (br_if $group (i32.ne (local.tee $column (i32.add (local.get $column) (i32.const 4))) (i32.const 16))))
          (local.set $to (i32.add (local.get $put) (i32.const 256)))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (br_if $four (local.tee $i (i32.sub (local.get $i) (i32.const 4)))))))
      (local.set $k (i32.and (local.get $k) (i32.const 3)))))
  (if (i32.eqz (local.get $k)) (then (return)))
  (loop $any ;; the rest, one number at a time
    (local.set $at (local.get $from))
    (local.set $put (local.get $to))
    (local.set $i (local.get $columns))
    (loop $one
      (i32.store (local.get $put) (i32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $b_column)))
      (local.set $put (i32.add (local.get $put) (i32.const 4)))
      (br_if $one (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (local.set $from (i32.add (local.get $from) (local.get $b_k)))
    (local.set $to (i32.add (local.get $to) (i32.const 64)))
    (br_if $any (local.tee $k (i32.sub (local.get $k) (i32.const 1))))))

;; rows of so many numbers from one place to another
(func $copy_edge (param $to i32) (param $to_row i32) (param $from i32) (param $from_row i32)
  (param $columns i32) (param $rows i32)
  (loop $row
    (memory.copy (local.get $to) (local.get $from) (i32.shl (local.get $columns) (i32.const 2)))
    (local.set $to (i32.add (local.get $to) (local.get $to_row)))
    (local.set $from (i32.add (local.get $from) (local.get $from_row)))
    (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

;; all panels of B, one after the other
(func $pack_all (param $b i32) (param $b_column i32) (param $b_k i32) (param $n i32) (param $k i32)
  (param $to i32)
  (local $columns i32)
  (loop $columns16
    (local.set $columns (local.get $n))
    (if (i32.gt_u (local.get $columns) (i32.const 16)) (then (local.set $columns (i32.const 16))))
    (call $pack (local.get $b) (local.get $b_column) (local.get $b_k) (local.get $k)
      (local.get $columns) (local.get $to))
    (local.set $b (i32.add (local.get $b) (i32.shl (local.get $b_column) (i32.const 4))))
    (local.set $to (i32.add (local.get $to) (i32.shl (local.get $k) (i32.const 6))))
    (br_if $columns16 (local.tee $n (i32.sub (local.get $n) (local.get $columns))))))

;; C (m, n) = A B, for any strides of A and B; bias 0: none. With more, the accumulators start as what
;; C holds: k goes on where another call ended. With b_k 0, b is where $pack_all put all panels
(func $matmul (param $a i32) (param $a_row i32) (param $a_k i32)
  (param $b i32) (param $b_column i32) (param $b_k i32)
  (param $c i32) (param $m i32) (param $n i32) (param $k i32) (param $bias i32) (param $panel i32)
  (param $more i32)
  (local $j i32) (local $columns i32) (local $end i32) (local $tile i32) (local $start i32)
  (local $i i32) (local $a0 i32) (local $a1 i32) (local $to i32) (local $c_row i32)
  (local $rows i32) (local $start0 i32) (local $start1 i32)
  (local.set $end (i32.add (local.get $panel) (i32.shl (local.get $k) (i32.const 6))))
  (local.set $tile (local.get $end))
  (local.set $c_row (i32.shl (local.get $n) (i32.const 2)))
  (loop $columns16
    (local.set $columns (i32.sub (local.get $n) (local.get $j)))
    (if (i32.gt_u (local.get $columns) (i32.const 16)) (then (local.set $columns (i32.const 16))))
    (if (local.get $b_k)
      (then
        (call $pack (i32.add (local.get $b) (i32.mul (local.get $j) (local.get $b_column)))
          (local.get $b_column) (local.get $b_k) (local.get $k) (local.get $columns)
          (local.get $panel)))
      (else ;; packed before
        (local.set $panel (i32.add (local.get $b)
          (i32.shl (i32.mul (local.get $j) (local.get $k)) (i32.const 2))))
        (local.set $end (i32.add (local.get $panel) (i32.shl (local.get $k) (i32.const 6))))))
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
      (local.set $start0 (local.get $start))
      (local.set $start1 (local.get $start))
      (if (i32.and (i32.eq (local.get $columns) (i32.const 16)) (i32.eq (local.get $rows) (i32.const 2)))
        (then
          (if (local.get $more) (then
            (local.set $start0 (local.get $to))
            (local.set $start1 (i32.add (local.get $to) (local.get $c_row)))))
          (call $tile (local.get $a0) (local.get $a1) (local.get $a_k) (local.get $panel)
            (local.get $end) (local.get $to) (local.get $c_row)
            (local.get $start0) (local.get $start1)))
        (else ;; an edge: a whole tile aside, then the part of it that exists
          (if (local.get $more) (then
            (local.set $start0 (local.get $tile))
            (local.set $start1 (i32.add (local.get $tile) (i32.const 64)))
            (call $copy_edge (local.get $tile) (i32.const 64) (local.get $to) (local.get $c_row)
              (local.get $columns) (local.get $rows))))
          (call $tile (local.get $a0) (local.get $a1) (local.get $a_k) (local.get $panel)
            (local.get $end) (local.get $tile) (i32.const 64)
            (local.get $start0) (local.get $start1))
          (call $copy_edge (local.get $to) (local.get $c_row) (local.get $tile) (i32.const 64)
            (local.get $columns) (local.get $rows))))
      (local.set $a0 (i32.add (local.get $a0) (i32.shl (local.get $a_row) (i32.const 1))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $c_row) (i32.const 1))))
      (br_if $rows2 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 2))) (local.get $m))))
    (br_if $columns16
      (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 16))) (local.get $n)))))
