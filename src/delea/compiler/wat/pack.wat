;; Packing: what a tile of a matrix product reads, side by side in memory.

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

;; all panels of B at this depth, one after the other; the address behind them
(func $pack_panels (param $b i32) (param $b_column i32) (param $b_k i32) (param $n i32) (param $k i32)
  (param $to i32) (result i32)
  (local $columns i32)
  (loop $columns16
    (local.set $columns (local.get $n))
    (if (i32.gt_u (local.get $columns) (i32.const 16)) (then (local.set $columns (i32.const 16))))
    (call $pack (local.get $b) (local.get $b_column) (local.get $b_k) (local.get $k)
      (local.get $columns) (local.get $to))
    (local.set $b (i32.add (local.get $b) (i32.shl (local.get $b_column) (i32.const 4))))
    (local.set $to (i32.add (local.get $to) (i32.shl (local.get $k) (i32.const 6))))
    (br_if $columns16 (local.tee $n (i32.sub (local.get $n) (local.get $columns)))))
  (local.get $to))

;; rows of A, two by two: [pair][k][2][4], each number four times over; a last row is its own pair
(func $pack_rows (param $a i32) (param $a_row i32) (param $a_k i32) (param $rows i32) (param $k i32)
  (param $to i32)
  (local $at i32) (local $next i32) (local $put i32) (local $far i32) (local $i i32) (local $r v128)
  (local.set $far (i32.shl (local.get $k) (i32.const 5)))
  (block $no4
    (br_if $no4 (i32.ne (local.get $a_row) (i32.const 4)))
    (br_if $no4 (i32.lt_u (local.get $rows) (i32.const 4)))
    (loop $rows4 ;; neighbours in memory: four rows by one load
      (local.set $at (local.get $a))
      (local.set $put (local.get $to))
      (local.set $i (local.get $k))
      (loop $each
        (local.set $r (v128.load (local.get $at)))
        (v128.store (local.get $put)
          (i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $r) (local.get $r)))
        (v128.store offset=16 (local.get $put)
          (i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7 (local.get $r) (local.get $r)))
        (local.set $next (i32.add (local.get $put) (local.get $far)))
        (v128.store (local.get $next)
          (i8x16.shuffle 8 9 10 11 8 9 10 11 8 9 10 11 8 9 10 11 (local.get $r) (local.get $r)))
        (v128.store offset=16 (local.get $next)
          (i8x16.shuffle 12 13 14 15 12 13 14 15 12 13 14 15 12 13 14 15 (local.get $r) (local.get $r)))
        (local.set $at (i32.add (local.get $at) (local.get $a_k)))
        (local.set $put (i32.add (local.get $put) (i32.const 32)))
        (br_if $each (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $far) (i32.const 1))))
      (br_if $rows4 (i32.ge_u
        (local.tee $rows (i32.sub (local.get $rows) (i32.const 4))) (i32.const 4))))
    (if (i32.eqz (local.get $rows)) (then (return))))
  (loop $rows2
    (local.set $at (local.get $a))
    (local.set $next (i32.add (local.get $a) (local.get $a_row)))
    (if (i32.eq (local.get $rows) (i32.const 1)) (then
      (local.set $next (local.get $a))
      (local.set $rows (i32.const 2))))
    (local.set $i (local.get $k))
    (loop $each
      (v128.store (local.get $to) (v128.load32_splat (local.get $at)))
      (v128.store offset=16 (local.get $to) (v128.load32_splat (local.get $next)))
      (local.set $at (i32.add (local.get $at) (local.get $a_k)))
      (local.set $next (i32.add (local.get $next) (local.get $a_k)))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (br_if $each (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (local.set $a (i32.add (local.get $a) (i32.shl (local.get $a_row) (i32.const 1))))
    (br_if $rows2 (local.tee $rows (i32.sub (local.get $rows) (i32.const 2))))))

;; rows of so many numbers from one place to another
(func $copy_edge (param $to i32) (param $to_row i32) (param $from i32) (param $from_row i32)
  (param $columns i32) (param $rows i32)
  (loop $row
    (memory.copy (local.get $to) (local.get $from) (i32.shl (local.get $columns) (i32.const 2)))
    (local.set $to (i32.add (local.get $to) (local.get $to_row)))
    (local.set $from (i32.add (local.get $from) (local.get $from_row)))
    (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))
