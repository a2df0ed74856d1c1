// Audits a log of Huhang with Go's own code for transparency logs (golang.org/x/mod/sumdb/tlog and note):
// nothing here but the addresses of tiles and the layout of files is ours.
//
//	go_audit log FOLDER VKEY [OLDSIZE]   root, every entry, an inclusion and a consistency proof
//	go_audit receipt FILE VKEY           a .tlog-proof whose extra data begin with the leaf (33 bytes)
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func path(kind string, n int64, width int) string {
	groups := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		groups = fmt.Sprintf("x%03d/%s", n%1000, groups)
	}
	if width < 1<<height {
		return fmt.Sprintf("tile/%s/%s.p/%d", kind, groups, width)
	}
	return fmt.Sprintf("tile/%s/%s", kind, groups)
}

type folder string

func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), path(strconv.Itoa(t.L), t.N, t.W)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func tree(signed []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("no checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

func audit(place, vkey string, old int64) error {
	signed, err := os.ReadFile(filepath.Join(place, "checkpoint"))
	if err != nil {
		return err
	}
	head, err := tree(signed, vkey)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(head, folder(place))
	root, err := tlog.TreeHash(head.N, reader)
	if err != nil {
		return err
	}
	if root != head.Hash {
		return errors.New("the tiles lead to another root")
	}
	for first := int64(0); first < head.N; first += 1 << height {
		width := 1 << height
		if rest := head.N - first; rest < int64(width) {
			width = int(rest)
		}
		data, err := os.ReadFile(filepath.Join(place, path("entries", first>>height, width)))
		if err != nil {
			return err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i := 0; i < width; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("bundle %d ends within an entry", first>>height)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:end]) != hashes[i] {
				return fmt.Errorf("entry %d is not what the tree holds", first+int64(i))
			}
			data = data[end:]
		}
		if len(data) > 0 {
			return fmt.Errorf("bundle %d is too long", first>>height)
		}
	}
	for _, index := range []int64{0, head.N / 2, head.N - 1} {
		proof, err := tlog.ProveRecord(head.N, index, reader)
		if err != nil {
			return err
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, head.N, head.Hash, index, leaf[0]); err != nil {
			return err
		}
	}
	if old > 0 {
		proof, err := tlog.ProveTree(head.N, old, reader)
		if err != nil {
			return err
		}
		before, err := tlog.TreeHash(old, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, head.N, head.Hash, old, before); err != nil {
			return err
		}
		fmt.Printf("old %d %s\n", old, before)
		for _, hash := range proof {
			fmt.Println(hash)
		}
	}
	fmt.Printf("holds %d %s\n", head.N, head.Hash)
	return nil
}

func receipt(file, vkey string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	gap := bytes.Index(data, []byte("\n\n"))
	if gap < 0 {
		return errors.New("no receipt")
	}
	lines := strings.Split(string(data[:gap]), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("no receipt")
	}
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil || len(extra) < 33 {
		return errors.New("no leaf")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	head, err := tree(data[gap+2:], vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, head.N, head.Hash, index, tlog.RecordHash(extra[:33])); err != nil {
		return err
	}
	fmt.Printf("holds %d in %d\n", index, head.N)
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) >= 4 && os.Args[1] == "log":
		var old int64
		if len(os.Args) == 5 {
			old, err = strconv.ParseInt(os.Args[4], 10, 64)
		}
		if err == nil {
			err = audit(os.Args[2], os.Args[3], old)
		}
	case len(os.Args) == 4 && os.Args[1] == "receipt":
		err = receipt(os.Args[2], os.Args[3])
	default:
		err = errors.New("log FOLDER VKEY [OLDSIZE] | receipt FILE VKEY")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
