// Asks makegood from Go, by code that protoc-gen-go and protoc-gen-go-grpc generated (see clients/elsewhere.md).
//
//	quote HOST:PORT QUESTION.json
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	makegoodv1 "makegood/v1"
)

const (
	attempts = 5
	deadline = 5 * time.Second
)

// askPatiently asks again where the server says when: a refusal without RetryInfo stays one.
func askPatiently(client makegoodv1.CompensationServiceClient, question *makegoodv1.ComputeCompensationRequest) (*makegoodv1.ComputeCompensationResponse, error) {
	for attempt := 1; ; attempt++ {
		ctx, cancel := context.WithTimeout(context.Background(), deadline)
		answer, err := client.ComputeCompensation(ctx, question)
		cancel()
		delay, told := retryDelay(err)
		if !told || attempt == attempts {
			return answer, err
		}
		fmt.Printf("told to wait %d ms\n", delay.Milliseconds())
		time.Sleep(delay + time.Duration(rand.Int63n(int64(delay)/4+1)))
	}
}

// retryDelay is what RetryInfo of a refusal says, if it has one.
func retryDelay(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if retry, is := detail.(*errdetails.RetryInfo); is {
			delay := retry.GetRetryDelay()
			return time.Duration(delay.GetSeconds())*time.Second + time.Duration(delay.GetNanos()), true
		}
	}
	return 0, false
}

func main() {
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	question := &makegoodv1.ComputeCompensationRequest{}
	if err := protojson.Unmarshal(text, question); err != nil {
		log.Fatal(err)
	}
	// TLS: grpc.WithTransportCredentials; in clear, newer versions of grpc-go say it with credentials/insecure.
	connection, err := grpc.Dial(os.Args[1], grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	client := makegoodv1.NewCompensationServiceClient(connection)

	answer, err := askPatiently(client, question)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.GetDecision().GetOutcome())
	for _, grant := range answer.GetDecision().GetGrants() {
		fmt.Println(grant.GetBenefit(), grant.GetQuantity())
	}

	question.Mode = makegoodv1.Mode_MODE_UNSPECIFIED
	if _, err := askPatiently(client, question); err != nil {
		if status.Code(err).String() == "InvalidArgument" {
			fmt.Println("INVALID_ARGUMENT")
		}
		for _, detail := range status.Convert(err).Details() {
			if bad, is := detail.(*errdetails.BadRequest); is {
				for _, each := range bad.GetFieldViolations() {
					fmt.Printf("%s: %s\n", each.GetField(), each.GetDescription())
				}
			}
		}
	}
}
