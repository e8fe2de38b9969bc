// produce BOOTSTRAP TOPIC CODEC (records on stdin), consume BOOTSTRAP TOPIC COUNT: lines of hex as in record.py.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 120*time.Second)
	defer cancel()
	var err error
	if os.Args[1] == "produce" {
		err = produce(ctx, os.Args[2], os.Args[3], os.Args[4])
	} else {
		err = consume(ctx, os.Args[2], os.Args[3], os.Args[4])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func produce(ctx context.Context, bootstrap, topic, codec string) error {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(bootstrap, ",")...), kgo.AllowAutoTopicCreation(),
		kgo.ProducerBatchCompression(codecs[codec]), kgo.ProducerLinger(20*time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	var sent kgo.FirstErrPromise
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		client.Produce(ctx, parse(topic, lines.Text()), sent.Promise())
	}
	return sent.Err()
}

func consume(ctx context.Context, bootstrap, topic, count string) error {
	left, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(bootstrap, ",")...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		return err
	}
	defer client.Close()
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if left--; left >= 0 {
				fmt.Println(line(r))
			}
		})
	}
	return nil
}

func parse(topic, line string) *kgo.Record {
	part := strings.Split(line, "\t")
	ms, _ := strconv.ParseInt(part[0], 10, 64)
	record := &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(ms), Key: bytes(part[1]), Value: bytes(part[2])}
	for _, header := range strings.Split(part[3], ",") {
		if name, value, found := strings.Cut(header, "="); found {
			record.Headers = append(record.Headers, kgo.RecordHeader{Key: string(bytes(name)), Value: bytes(value)})
		}
	}
	return record
}

func line(r *kgo.Record) string {
	var headers []string
	for _, h := range r.Headers {
		headers = append(headers, hex.EncodeToString([]byte(h.Key))+"="+hex.EncodeToString(h.Value))
	}
	return fmt.Sprintf("%d\t%s\t%s\t%s", r.Timestamp.UnixMilli(), text(r.Key), text(r.Value), strings.Join(headers, ","))
}

func text(data []byte) string {
	if data == nil {
		return "-"
	}
	return hex.EncodeToString(data)
}

func bytes(text string) []byte {
	if text == "-" {
		return nil
	}
	data, _ := hex.DecodeString(text)
	if data == nil {
		data = []byte{}
	}
	return data
}
