;; C (m, n) = A B where the terms whose number of A is zero are skipped. Rows of B are runs of
;; memory, b_k bytes apart. For each row of A: the list of (offset of B's row, number), then one
;; multiply and add for each entry; k ascending. bias 0: none; with more, the accumulators start as
;; what C holds. Lists need 4 x 8 k bytes.
(func $sparse (param $a i32) (param $a_row i32) (param $a_k i32) (param $b i32) (param $b_k i32)
  (param $c i32) (param $m i32) (param $n i32) (param $k i32) (param $bias i32) (param $list i32)
  (param $more i32)
  (local $c_row i32)
  (local.set $c_row (i32.shl (local.get $n) (i32.const 2)))
  (block $no4
    (br_if $no4 (i32.ne (local.get $a_row) (i32.const 4)))
    (br_if $no4 (i32.lt_u (local.get $m) (i32.const 4)))
    (loop $rows4 ;; neighbours in memory: four rows by one load
      (call $list4 (local.get $a) (local.get $a_k) (local.get $b) (local.get $b_k) (local.get $k)
        (local.get $list) (i32.shl (local.get $k) (i32.const 3))
        (local.get $c) (local.get $n) (local.get $bias) (local.get $more))
      (local.set $a (i32.add (local.get $a) (i32.const 16)))
      (local.set $c (i32.add (local.get $c) (i32.shl (local.get $c_row) (i32.const 2))))
      (br_if $rows4 (i32.ge_u
        (local.tee $m (i32.sub (local.get $m) (i32.const 4))) (i32.const 4))))
    (if (i32.eqz (local.get $m)) (then (return))))
  (loop $rows
    (call $add_row (local.get $list)
      (call $list1 (local.get $a) (local.get $a_k) (local.get $b) (local.get $b_k) (local.get $k)
        (local.get $list))
      (local.get $c) (local.get $n)
      (select (local.get $c) (local.get $bias) (local.get $more)))
    (local.set $a (i32.add (local.get $a) (local.get $a_row)))
    (local.set $c (i32.add (local.get $c) (local.get $c_row)))
    (br_if $rows (local.tee $m (i32.sub (local.get $m) (i32.const 1))))))

;; the list of a row's numbers that are not zero; the address behind it. Every number is written; the
;; place moves on only past those that stay
(func $list1 (param $at i32) (param $a_k i32) (param $offset i32) (param $b_k i32) (param $k i32)
  (param $put i32) (result i32)
  (local $f f32)
  (loop $entries
    (local.set $f (f32.load (local.get $at)))
    (i32.store (local.get $put) (local.get $offset))
    (f32.store offset=4 (local.get $put) (local.get $f))
    (local.set $put (i32.add (local.get $put)
      (i32.shl (f32.ne (local.get $f) (f32.const 0)) (i32.const 3))))
    (local.set $at (i32.add (local.get $at) (local.get $a_k)))
    (local.set $offset (i32.add (local.get $offset) (local.get $b_k)))
    (br_if $entries (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
  (local.get $put))

;; the lists of four rows side by side, `far` bytes apart, and what they add
(func $list4 (param $at i32) (param $a_k i32) (param $b i32) (param $b_k i32) (param $k i32)
  (param $list i32) (param $far i32) (param $c i32) (param $n i32) (param $bias i32)
  (param $more i32)
  (local $offset i32) (local $mask i32) (local $four v128)
  (local $put0 i32) (local $put1 i32) (local $put2 i32) (local $put3 i32)
  (local $list1 i32) (local $list2 i32) (local $list3 i32) (local $c_row i32)
  (local.set $c_row (i32.shl (local.get $n) (i32.const 2)))
  (local.set $put0 (local.get $list))
  (local.set $put1 (local.tee $list1 (i32.add (local.get $list) (local.get $far))))
  (local.set $put2 (local.tee $list2 (i32.add (local.get $list1) (local.get $far))))
  (local.set $put3 (local.tee $list3 (i32.add (local.get $list2) (local.get $far))))
  (local.set $offset (local.get $b))
  (loop $entries
    (local.set $four (v128.load (local.get $at)))
    (local.set $mask (i32x4.bitmask (f32x4.ne (local.get $four) (v128.const i32x4 0 0 0 0))))
    (i32.store (local.get $put0) (local.get $offset))
    (v128.store32_lane offset=4 0 (local.get $put0) (local.get $four))
    (local.set $put0 (i32.add (local.get $put0)
      (i32.and (i32.shl (local.get $mask) (i32.const 3)) (i32.const 8))))
    (i32.store (local.get $put1) (local.get $offset))
    (v128.store32_lane offset=4 1 (local.get $put1) (local.get $four))
    (local.set $put1 (i32.add (local.get $put1)
      (i32.and (i32.shl (local.get $mask) (i32.const 2)) (i32.const 8))))
    (i32.store (local.get $put2) (local.get $offset))
    (v128.store32_lane offset=4 2 (local.get $put2) (local.get $four))
    (local.set $put2 (i32.add (local.get $put2)
      (i32.and (i32.shl (local.get $mask) (i32.const 1)) (i32.const 8))))
    (i32.store (local.get $put3) (local.get $offset))
    (v128.store32_lane offset=4 3 (local.get $put3) (local.get $four))
    (local.set $put3 (i32.add (local.get $put3)
      (i32.and (local.get $mask) (i32.const 8))))
    (local.set $at (i32.add (local.get $at) (local.get $a_k)))
    (local.set $offset (i32.add (local.get $offset) (local.get $b_k)))
    (br_if $entries (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
  (call $add_row (local.get $list) (local.get $put0)
    (local.get $c)
    (local.get $n) (select (local.get $c) (local.get $bias) (local.get $more)))
  (call $add_row (local.get $list1) (local.get $put1)
    (local.tee $c (i32.add (local.get $c) (local.get $c_row)))
    (local.get $n) (select (local.get $c) (local.get $bias) (local.get $more)))
  (call $add_row (local.get $list2) (local.get $put2)
    (local.tee $c (i32.add (local.get $c) (local.get $c_row)))
    (local.get $n) (select (local.get $c) (local.get $bias) (local.get $more)))
  (call $add_row (local.get $list3) (local.get $put3)
    (local.tee $c (i32.add (local.get $c) (local.get $c_row)))
    (local.get $n) (select (local.get $c) (local.get $bias) (local.get $more))))

;; one row of C from its list, 24 columns at a time: engines load all they add before they add it, and
;; loads and accumulators of 24 columns fit the registers. These start as what lies at start; 0: -0.0
(func $add_row (param $list i32) (param $put i32) (param $c i32) (param $n i32) (param $start i32)
  (local $p i32) (local $q i32)
  (local $j i32) (local $t f32) (local $s v128)
  (local $c0 v128) (local $c1 v128) (local $c2 v128) (local $c3 v128)
  (local $c4 v128) (local $c5 v128)
  (block $no24
    (br_if $no24 (i32.lt_u (i32.sub (local.get $n) (local.get $j)) (i32.const 24)))
    (loop $columns24
      (local.set $c0 (f32x4.splat (f32.const -0x0p+0)))
      (local.set $c1 (local.get $c0))
      (local.set $c2 (local.get $c0))
      (local.set $c3 (local.get $c0))
      (local.set $c4 (local.get $c0))
      (local.set $c5 (local.get $c0))
      (if (local.get $start) (then
        (local.set $q (i32.add (local.get $start) (i32.shl (local.get $j) (i32.const 2))))
        (local.set $c0 (v128.load (local.get $q)))
        (local.set $c1 (v128.load offset=16 (local.get $q)))
        (local.set $c2 (v128.load offset=32 (local.get $q)))
        (local.set $c3 (v128.load offset=48 (local.get $q)))
        (local.set $c4 (v128.load offset=64 (local.get $q)))
        (local.set $c5 (v128.load offset=80 (local.get $q)))))
      (local.set $p (local.get $list))
      (if (i32.ne (local.get $p) (local.get $put)) (then
        (loop $add
          (local.set $q (i32.add (i32.load (local.get $p)) (i32.shl (local.get $j) (i32.const 2))))
          (local.set $s (f32x4.splat (f32.load offset=4 (local.get $p))))
          (local.set $c0 (f32x4.add (local.get $c0) (f32x4.mul (local.get $s) (v128.load (local.get $q)))))
          (local.set $c1 (f32x4.add (local.get $c1) (f32x4.mul (local.get $s) (v128.load offset=16 (local.get $q)))))
          (local.set $c2 (f32x4.add (local.get $c2) (f32x4.mul (local.get $s) (v128.load offset=32 (local.get $q)))))
          (local.set $c3 (f32x4.add (local.get $c3) (f32x4.mul (local.get $s) (v128.load offset=48 (local.get $q)))))
          (local.set $c4 (f32x4.add (local.get $c4) (f32x4.mul (local.get $s) (v128.load offset=64 (local.get $q)))))
          (local.set $c5 (f32x4.add (local.get $c5) (f32x4.mul (local.get $s) (v128.load offset=80 (local.get $q)))))
          (br_if $add (i32.ne
            (local.tee $p (i32.add (local.get $p) (i32.const 8))) (local.get $put))))))
      (local.set $q (i32.add (local.get $c) (i32.shl (local.get $j) (i32.const 2))))
      (v128.store (local.get $q) (local.get $c0))
      (v128.store offset=16 (local.get $q) (local.get $c1))
      (v128.store offset=32 (local.get $q) (local.get $c2))
      (v128.store offset=48 (local.get $q) (local.get $c3))
      (v128.store offset=64 (local.get $q) (local.get $c4))
      (v128.store offset=80 (local.get $q) (local.get $c5))
      (local.set $j (i32.add (local.get $j) (i32.const 24)))
      (br_if $columns24 (i32.ge_u (i32.sub (local.get $n) (local.get $j)) (i32.const 24)))))
  (block $no8
    (br_if $no8 (i32.lt_u (i32.sub (local.get $n) (local.get $j)) (i32.const 8)))
    (loop $columns8
      (local.set $c0 (f32x4.splat (f32.const -0x0p+0)))
      (local.set $c1 (local.get $c0))
      (if (local.get $start) (then
        (local.set $q (i32.add (local.get $start) (i32.shl (local.get $j) (i32.const 2))))
        (local.set $c0 (v128.load (local.get $q)))
        (local.set $c1 (v128.load offset=16 (local.get $q)))))
      (local.set $p (local.get $list))
      (if (i32.ne (local.get $p) (local.get $put)) (then
        (loop $add
          (local.set $q (i32.add (i32.load (local.get $p)) (i32.shl (local.get $j) (i32.const 2))))
          (local.set $s (f32x4.splat (f32.load offset=4 (local.get $p))))
          (local.set $c0 (f32x4.add (local.get $c0) (f32x4.mul (local.get $s) (v128.load (local.get $q)))))
          (local.set $c1 (f32x4.add (local.get $c1) (f32x4.mul (local.get $s) (v128.load offset=16 (local.get $q)))))
          (br_if $add (i32.ne
            (local.tee $p (i32.add (local.get $p) (i32.const 8))) (local.get $put))))))
      (local.set $q (i32.add (local.get $c) (i32.shl (local.get $j) (i32.const 2))))
      (v128.store (local.get $q) (local.get $c0))
      (v128.store offset=16 (local.get $q) (local.get $c1))
      (local.set $j (i32.add (local.get $j) (i32.const 8)))
      (br_if $columns8 (i32.ge_u (i32.sub (local.get $n) (local.get $j)) (i32.const 8)))))
  (block $no4
    (br_if $no4 (i32.lt_u (i32.sub (local.get $n) (local.get $j)) (i32.const 4)))
    (loop $columns4
      (local.set $c0 (f32x4.splat (f32.const -0x0p+0)))
      (if (local.get $start) (then
        (local.set $q (i32.add (local.get $start) (i32.shl (local.get $j) (i32.const 2))))
        (local.set $c0 (v128.load (local.get $q)))))
      (local.set $p (local.get $list))
      (if (i32.ne (local.get $p) (local.get $put)) (then
        (loop $add
          (local.set $q (i32.add (i32.load (local.get $p)) (i32.shl (local.get $j) (i32.const 2))))
          (local.set $s (f32x4.splat (f32.load offset=4 (local.get $p))))
          (local.set $c0 (f32x4.add (local.get $c0) (f32x4.mul (local.get $s) (v128.load (local.get $q)))))
          (br_if $add (i32.ne
            (local.tee $p (i32.add (local.get $p) (i32.const 8))) (local.get $put))))))
      (local.set $q (i32.add (local.get $c) (i32.shl (local.get $j) (i32.const 2))))
      (v128.store (local.get $q) (local.get $c0))
      (local.set $j (i32.add (local.get $j) (i32.const 4)))
      (br_if $columns4 (i32.ge_u (i32.sub (local.get $n) (local.get $j)) (i32.const 4)))))
  (block $no1
    (br_if $no1 (i32.eq (local.get $n) (local.get $j)))
    (loop $columns1
      (local.set $t (f32.const -0x0p+0))
      (if (local.get $start) (then
          (local.set $t (f32.load (i32.add (local.get $start) (i32.shl (local.get $j) (i32.const 2)))))))
      (local.set $p (local.get $list))
      (if (i32.ne (local.get $p) (local.get $put)) (then
        (loop $add
          (local.set $q (i32.add (i32.load (local.get $p)) (i32.shl (local.get $j) (i32.const 2))))
          (local.set $t (f32.add (local.get $t)
            (f32.mul (f32.load offset=4 (local.get $p)) (f32.load (local.get $q)))))
          (br_if $add (i32.ne
            (local.tee $p (i32.add (local.get $p) (i32.const 8))) (local.get $put))))))
      (f32.store (i32.add (local.get $c) (i32.shl (local.get $j) (i32.const 2))) (local.get $t))
      (br_if $columns1 (i32.ne
        (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))))
