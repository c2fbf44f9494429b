// Beside main.go for grpc-go before 1.34 (Debian 12 has 1.33), whose own codec does not know what protoc-gen-go 1.20 and later generate.
package main

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/proto"
)

type codec struct{}

func (codec) Marshal(message interface{}) ([]byte, error) {
	known, is := message.(proto.Message)
	if !is {
		return nil, fmt.Errorf("%T is no message", message)
	}
	return proto.Marshal(known)
}

func (codec) Unmarshal(data []byte, message interface{}) error {
	known, is := message.(proto.Message)
	if !is {
		return fmt.Errorf("%T is no message", message)
	}
	return proto.Unmarshal(data, known)
}

func (codec) Name() string {
	return "proto" // takes the place of grpc-go's own
}

func init() {
	encoding.RegisterCodec(codec{})
}
